"""Writes the Python client from the API's own document: `python dev/client/generate.py`.

`models.py` has one TypedDict for each schema, `operations.py` one method for each operation, by tag.
The same document gives the same bytes; a test compares them with what is committed.
"""

from __future__ import annotations

import json
import keyword
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "clients" / "python" / "accord_client"
REF = "#/components/schemas/"
HEAD = (
    '"""{what} Made by dev/client/generate.py from /api/v1/openapi.json; not edited by hand."""\n'
)
CONTEXT = {"Accord-Purpose", "Accord-Basis", "Accord-Case"}
Schema = Mapping[str, Any]


def document() -> dict[str, Any]:
    """Return the document as a stranger reads it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("ACCORD_DATA_DIR", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.platform.settings")
        import django

        django.setup()
        from accord.api.document import document as made

        found: dict[str, Any] = json.loads(json.dumps(made()))
        return found


def files(written: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every generated file, formatted."""
    made = {"models.py": _models(written), "operations.py": _operations(written)}
    return {name: _formatted(name, text) for name, text in made.items()}


def main() -> None:
    for name, text in files(document()).items():
        (TARGET / name).write_text(text, "utf-8")


# -- models ----------------------------------------------------------------------------------------


def _models(written: Mapping[str, Any]) -> str:
    schemas = written["components"]["schemas"]
    lines = [
        HEAD.format(what="The forms of what is sent and what comes back."),
        "from __future__ import annotations\n",
        "from typing import Any, Literal, NotRequired, TypedDict\n",
    ]
    for name in sorted(schemas, key=lambda n: ("properties" in schemas[n], n)):
        lines += _model(_name(name), schemas[name])
    return "\n".join(lines)


def _model(name: str, schema: Schema) -> Iterator[str]:
    if "properties" not in schema:
        yield f'{name} = {_type(schema, quoted=False)}\n"""{_text(schema, name)}"""\n\n'
        return
    required = set(schema.get("required", ()))
    yield f"class {name}(TypedDict):"
    yield f'    """{_text(schema, name)}"""\n'
    for field, form in schema["properties"].items():
        if not field.isidentifier() or keyword.iskeyword(field):
            raise ValueError(f"{name}.{field} is no name in Python")
        kind = _type(form, quoted=False)
        yield f"    {field}: " + (kind if field in required else f"NotRequired[{kind}]")
        if "description" in form:
            yield f'    """{_text(form, field)}"""'
    yield "\n"


def _name(schema: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", schema)


def _text(schema: Schema, otherwise: str) -> str:
    said = " ".join(str(schema.get("description", otherwise)).split())
    return said.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')


def _type(schema: Schema, *, quoted: bool, prefix: str = "") -> str:
    """Return the annotation of a form."""
    if "$ref" in schema:
        return prefix + _name(schema["$ref"].removeprefix(REF))
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            options = [_type(s, quoted=quoted, prefix=prefix) for s in schema[word]]
            return " | ".join(dict.fromkeys(options))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(v) for v in schema['enum'])}]"
    return _plain(schema, quoted=quoted, prefix=prefix)


def _plain(schema: Schema, *, quoted: bool, prefix: str) -> str:
    match schema.get("type"):
        case "string":
            return "bytes" if schema.get("format") == "binary" else "str"
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "null":
            return "None"
        case "array":
            return f"list[{_type(schema['items'], quoted=quoted, prefix=prefix)}]"
        case "object":
            inside = schema.get("additionalProperties", True)
            if isinstance(inside, Mapping):
                return f"dict[str, {_type(inside, quoted=quoted, prefix=prefix)}]"
            return "dict[str, Any]"
        case _:
            return "Any"


# -- operations ------------------------------------------------------------------------------------


def _operations(written: Mapping[str, Any]) -> str:
    groups: dict[str, list[str]] = {}
    for path, methods in written["paths"].items():
        for method, described in methods.items():
            tag = described["tags"][0]
            name = described["operationId"].removeprefix(_snake(tag) + "_")
            groups.setdefault(tag, []).append(_method(name, method, path, described))
    lines = [
        HEAD.format(what="Every operation of the API, by its tag."),
        "from __future__ import annotations\n",
        "from typing import Literal\n",
        "from accord_client import models as m",
        "from accord_client.transport import Transport\n",
    ]
    for tag, methods_of in sorted(groups.items()):
        lines += [
            f"class {_camel(tag)}:",
            f'    """Operations tagged `{tag}`."""\n',
            "    def __init__(self, transport: Transport) -> None:",
            "        self._transport = transport\n",
            *methods_of,
        ]
    lines += [
        "class Operations:",
        '    """All of them, one attribute for each tag."""\n',
        "    def __init__(self, transport: Transport) -> None:",
        *[f"        self.{_snake(tag)} = {_camel(tag)}(transport)" for tag in sorted(groups)],
    ]
    return "\n".join(lines) + "\n"


def _method(name: str, method: str, path: str, described: Mapping[str, Any]) -> str:
    parameters = [p for p in described.get("parameters", ()) if p["name"] not in CONTEXT]
    inside = [p for p in parameters if p["in"] == "path"]
    asked = [p for p in parameters if p["in"] == "query"]
    kind, body = _body(described)
    signature = ["self", *[f"{p['name']}: str" for p in inside]]
    signature += [f"body: {body}"] if kind == "json" else []
    signature += ["*", *body.split("; ")] if kind == "files" else []
    if asked:
        signature += [] if "*" in signature else ["*"]
        signature += [f"{_argument(p['name'])}: {_query(p)}" for p in asked]
    result, how = _result(described)
    call = [repr(method.upper()), _path(path, [p["name"] for p in inside])]
    if asked:
        pairs = ", ".join(f"{p['name']!r}: {_argument(p['name'])}" for p in asked)
        call.append("query={" + pairs + "}")
    if kind == "json":
        call.append("body=body")
    if kind == "files":
        names = [part.partition(":")[0] for part in body.split("; ")]
        call.append("form={" + ", ".join(f"{n!r}: {n}" for n in names) + "}")
    purpose = described.get("x-accord-purpose")
    if purpose:
        call.append(f"purpose={purpose!r}")
    said = _text({"description": f"{described['summary']}. {described['description']}"}, name)
    returns = "return " if how else ""
    typed = f"answer: {result} = self._transport.{how or 'nothing'}({', '.join(call)})"
    act = f"{typed}\n        return answer" if returns else typed.partition(" = ")[2]
    return (
        f"    def {_argument(name)}({', '.join(signature)}) -> {result}:\n"
        f'        """{said}"""\n        {act}\n'
    )


def _argument(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _path(path: str, names: list[str]) -> str:
    short = path.removeprefix("/api/v1")
    if not names:
        return repr(short)
    for name in names:
        short = short.replace("{" + name + "}", "{self._transport.step(" + name + ")}")
    return "f" + repr(short)


def _query(parameter: Mapping[str, Any]) -> str:
    kind = _type(parameter["schema"], quoted=False, prefix="m.")
    if parameter.get("required"):
        return kind
    return (kind if "None" in kind.split(" | ") else f"{kind} | None") + " = None"


def _body(described: Mapping[str, Any]) -> tuple[str, str]:
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return "json", _type(content["application/json"]["schema"], quoted=False, prefix="m.")
    if "multipart/form-data" in content:
        schema = content["multipart/form-data"]["schema"]
        required = set(schema.get("required", ()))
        fields = schema["properties"].items()
        return "files", "; ".join(_form_field(n, s, n in required) for n, s in fields)
    return "", ""


def _form_field(name: str, schema: Schema, required: bool) -> str:
    kind = _type(schema, quoted=False, prefix="m.")
    if "bytes" in kind or name == "file":
        kind = "tuple[str, bytes]"
    if required:
        return f"{name}: {kind}"
    return f"{name}: {kind if 'None' in kind else kind + ' | None'} = None"


def _result(described: Mapping[str, Any]) -> tuple[str, str]:
    good = next(r for status, r in described["responses"].items() if int(status) < 300)
    content = good.get("content", {})
    if "application/json" in content:
        return _type(content["application/json"]["schema"], quoted=False, prefix="m."), "json"
    return ("bytes", "raw") if content else ("None", "")


def _snake(tag: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", tag.lower())


def _camel(tag: str) -> str:
    return "".join(word.capitalize() for word in _snake(tag).split("_"))


def _formatted(name: str, text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, "format", "--stdin-filename", str(TARGET / name), "-"],
        input=text, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return done.stdout


if __name__ == "__main__":
    main()
