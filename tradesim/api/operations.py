"""What the server can be asked, written once: the same lines make the routes and their OpenAPI document."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import Blueprint
from msgspec import Struct

from tradesim import __version__

OPENAPI = "3.1.0"
SCHEMAS = "#/components/schemas/{name}"
JSON = "application/json"
Schema = dict[str, Any]
View = Callable[..., Any]


class Parameter(Struct, frozen=True):
    """One value in the address. `where` is `query` or `path`."""

    name: str
    schema: Schema
    text: str
    where: str = "query"
    is_required: bool = False

    def document(self) -> Schema:
        return {
            "name": self.name,
            "in": self.where,
            "required": self.is_required or self.where == "path",
            "description": self.text,
            "schema": self.schema,
        }


class Operation(Struct, frozen=True):
    """One method of one address. `answers` is the type of what comes back with `status`; None: nothing does."""

    method: str
    path: str
    summary: str
    tag: str
    answers: Any
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    is_open: bool = False
    media: str = JSON

    @property
    def id(self) -> str:
        words = re.sub(r"[^a-zA-Z0-9]+", "_", self.path).strip("_")
        return f"{self.method.lower()}_{words}"


@dataclass(slots=True)
class Catalogue:
    """The operations of one API. `refusal` is the type of the body of every refusal."""

    title: str
    text: str
    refusal: type
    tag_texts: Mapping[str, str]
    security: Mapping[str, Schema] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)

    def serves(
        self,
        blueprint: Blueprint,
        method: str,
        path: str,
        summary: str,
        answers: Any,
        *,
        tag: str = "",
        parameters: Sequence[Parameter] = (),
        **more: Any,
    ) -> Callable[[View], View]:
        """Decorator: `path` is written as in OpenAPI, `{name}` standing for one value, slashes included."""
        prefix = blueprint.url_prefix or ""
        named = {each.name for each in parameters if each.where == "path"}
        missing = [name for name in re.findall(r"{(\w+)}", path) if name not in named]
        given = (*(Parameter(name, {"type": "string", "minLength": 1}, "", "path") for name in missing), *parameters)
        operation = Operation(method, prefix + path, summary, tag or blueprint.name, answers, given, **more)

        def register(view: View) -> View:
            if all(each.id != operation.id for each in self.operations):
                self.operations.append(operation)
            blueprint.add_url_rule(rule_of(path), operation.id, view, methods=[method])
            return view

        return register

    def document(self) -> Schema:
        """The OpenAPI 3.1 document, as JSON-able data."""
        types = [each for operation in self.operations for each in (operation.answers, operation.body) if each]
        schemas, components = msgspec.json.schema_components(
            [*types, self.refusal], schema_hook=strange_schema, ref_template=SCHEMAS
        )
        schema_of = {str(each): schema for each, schema in zip([*types, self.refusal], schemas, strict=True)}
        paths: dict[str, Schema] = {}
        for operation in self.operations:
            described = self._described(operation, schema_of)
            paths.setdefault(operation.path, {})[operation.method.lower()] = described
        tags = [{"name": name, "description": text} for name, text in self.tag_texts.items()]
        return {
            "openapi": OPENAPI,
            "info": {"title": self.title, "version": __version__, "description": self.text},
            "tags": tags,
            "paths": paths,
            "components": {"schemas": components, "securitySchemes": dict(self.security)},
        }

    def _described(self, operation: Operation, schema_of: Mapping[str, Schema]) -> Schema:
        described: Schema = {
            "operationId": operation.id,
            "summary": operation.summary,
            "tags": [operation.tag],
            "parameters": [each.document() for each in operation.parameters],
            "responses": self._responses(operation, schema_of),
        }
        if operation.body is not None:
            content = {JSON: {"schema": schema_of[str(operation.body)]}}
            described["requestBody"] = {"required": True, "content": content}
        if self.security:
            described["security"] = [{}] if operation.is_open else [{name: []} for name in self.security]
        return described

    def _responses(self, operation: Operation, schema_of: Mapping[str, Schema]) -> Schema:
        found: Schema = {"description": "Done."}
        if operation.answers is not None:
            found["content"] = {operation.media: {"schema": schema_of[str(operation.answers)]}}
        refused = {"description": "Refused.", "content": {JSON: {"schema": schema_of[str(self.refusal)]}}}
        refusals = {str(status): refused for status in sorted(set(operation.refusals))}
        return {str(operation.status): found, **refusals}


def rule_of(path: str) -> str:
    """As Flask writes it. A value at the end of the path may have slashes, as `BTC/USD` has."""
    return re.sub(r"{(\w+)}", r"<\1>", re.sub(r"{(\w+)}$", r"<path:\1>", path))


def strange_schema(kind: type) -> Schema:
    """Types that JSON has no word for."""
    return {"description": f"a {kind.__name__}"}


def query(name: str, text: str, **schema: Any) -> Parameter:
    return Parameter(name, {"type": "string", **schema}, text)


def required(name: str, text: str, **schema: Any) -> Parameter:
    return Parameter(name, {"type": "string", **schema}, text, is_required=True)
