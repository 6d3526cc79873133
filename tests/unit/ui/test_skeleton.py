from dash import Dash, Input, Output, State, dcc, html

from tradesim.ui.skeleton import Skeleton, named_in_callbacks, still, tree_of


def kinds(component):
    children = getattr(component, "children", None)
    below = children if isinstance(children, list) else [children]
    return [type(component).__name__, *[name for each in below if hasattr(each, "_type") for name in kinds(each)]]


def test_the_largest_still_pieces_become_one_each():
    page = html.Div([html.Nav([html.Button("a"), html.Button("b")]), html.P("c"), dcc.Store(id="kept")])
    assert kinds(still(page, ())) == ["Div", "Skeleton", "Skeleton", "Store"]


def test_what_a_callback_names_stays_with_dash_and_so_does_all_around_it():
    page = html.Div([html.Div([html.B("still"), html.Div([html.Span("said", id="told"), "words"])])])
    assert kinds(still(page, {"told"})) == ["Div", "Div", "Skeleton", "Div", "Span"]


def test_a_piece_keeps_its_text_its_attributes_and_its_order():
    piece = html.Label(["of ", html.B(3, title="three"), None], htmlFor="field", **{"aria-label": "size"})
    assert tree_of(piece) == {
        "type": "label",
        "props": {"htmlFor": "field", "aria-label": "size"},
        "children": ["of ", {"type": "b", "props": {"title": "three"}, "children": [3]}, None],
    }


def test_components_of_other_libraries_are_never_still():
    assert kinds(still(html.Div([html.Div([dcc.Upload(html.P("drop"), id="files")])]), ())) == [
        "Div",
        "Div",
        "Upload",
        "Skeleton",
    ]


def test_text_alone_is_left_alone():
    assert still(html.Div("words"), ()).children == "words"
    assert still(html.Div(["a", None, 3]), ()).children == ["a", None, 3]


def test_every_id_of_a_callback_is_known():
    app = Dash("named", suppress_callback_exceptions=True)

    @app.callback(Output("one", "children"), Input("asked", "data"), State("known", "data"))
    def on_one(asked, known):
        return asked

    @app.callback(Output("two", "data"), Output("three", "hidden"), Input("asked", "data"))
    def on_two(asked):
        return asked, asked

    app.clientside_callback("() => 1", Output("four", "data"), Input("there", "data"))
    assert named_in_callbacks(app) == {"one", "two", "three", "four", "asked", "known", "there"}


def test_a_skeleton_is_sent_as_what_the_browser_draws():
    assert Skeleton(tree_of(html.P("a"))).to_plotly_json() == {
        "props": {"tree": {"type": "p", "props": {}, "children": ["a"]}},
        "type": "Skeleton",
        "namespace": "tradesim",
    }
