"""The API as its own description has it: every route, and a body that would do for each. What is added later is in it by itself."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from walletpass import api
from walletpass.app import App

# Words that the description cannot give an example for: a pattern says what they look like, not which exist.
WORDS = {
    "^[A-Za-z0-9._:-]{1,64}$": "T1-0042", "^[0-9a-z]{26}$": "0" * 26, "^[0-9]{4}$": "4821", "^[0-9]{4,6}$": "2580",
    "^[A-Za-z]{1,2}[0-9]{1,3}$": "A1",
}  # fmt: skip
NUMBERS = {"integer": 1, "number": 1, "boolean": True, "null": None}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    body: dict[str, Any] | None
    fields: frozenset[str]
    parameters: tuple[str, ...] = field(default=())
    queries: frozenset[str] = frozenset()
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/v1/')}"

    def send(self, client: FlaskClient, headers: dict[str, str], ids: dict[str, str], key: str = "described") -> TestResponse:
        """With ``ids`` in the places that are called so, in the path, the query and the body."""
        path = self.path
        for name in self.parameters:
            path = path.replace("{" + name + "}", ids.get(name, "0" * 26))
        query = {**self.asked, **{name: ids[name] for name in self.queries if name in ids}}
        body = None if self.body is None else {**self.body, **{name: ids[name] for name in self.fields if name in ids}}
        return client.open(path, method=self.method, query_string=query, json=body, headers={**headers, "Idempotency-Key": key})


def routes(app: App) -> list[Route]:
    described = api.spec(app)
    shapes = described.get("components", {}).get("schemas", {})
    found = []
    for path, operations in sorted(described["paths"].items()):
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            shape = _shape(content, shapes) if content else {}
            names = tuple(one["name"] for one in operation.get("parameters", ()) if one["in"] == "path")
            queries = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
            asked = {one["name"]: example(one["schema"], shapes) for one in queries if one["required"]}
            body = example(content, shapes) if content else None
            fields = frozenset(shape.get("properties", {}))
            found.append(Route(method.upper(), path, body, fields, names, frozenset(one["name"] for one in queries), asked))
    return found


def example(schema: dict[str, Any], shapes: dict[str, Any]) -> Any:
    """The smallest value that fits: of an object what is required, of a choice the first; an amount where there may be lines."""
    schema = _shape(schema, shapes)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example(schema[choice][0], shapes)
    kind = schema.get("type", "object")
    if kind == "object":
        wanted = [*schema.get("required", ()), *(name for name in ("amount",) if name in schema.get("properties", {}))]
        return {name: example(schema["properties"][name], shapes) for name in dict.fromkeys(wanted)}
    if kind == "array":
        return [example(schema["items"], shapes)] * max(1, schema.get("minItems", 0))
    if kind == "string":
        if schema.get("format") == "date-time":
            return "2026-11-24T12:00:00Z"
        return WORDS.get(schema.get("pattern", ""), "word" * 2)[: schema.get("maxLength", 80)]
    if kind == "integer":
        return max(100 if schema.get("maximum", 0) > 10_000 else 1, schema.get("minimum", 0))
    return NUMBERS[kind]


def _shape(schema: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = shapes[schema["$ref"].rpartition("/")[2]]
    return schema
