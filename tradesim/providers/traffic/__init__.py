"""Raw traffic of a provider in a file: written as it comes, played back through the same adapter."""
