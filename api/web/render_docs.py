#!/usr/bin/env python3
"""Makes the page /docs from the contract: one HTML file without scripts. Same contract, same bytes.

    render_docs.py openapi.yaml docs.html
"""

import json
import re
import sys
from html import escape
from pathlib import Path

import yaml

HERE = Path(__file__).parent
LINE_MAX = 88
VERBS = ("get", "post", "delete")
PROBLEM_JSON = "application/problem+json"


# --- text ---------------------------------------------------------------------------------------


def inline(text):
    """Code, strong words and links of Markdown, in one paragraph."""
    html = escape(text, quote=False)
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", html)
    html = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", html)
    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', html)


def paragraphs(text):
    return "".join(f"<p>{inline(' '.join(part.split()))}</p>\n" for part in (text or "").split("\n\n") if part.strip())


def pretty(value, indent=""):
    """JSON; what fits a line stays on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent + line) <= LINE_MAX or not isinstance(value, (dict, list)):
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(deeper + pretty(item, deeper) for item in value) + f"\n{indent}]"
    members = (f"{deeper}{json.dumps(name)}: {pretty(item, deeper)}" for name, item in value.items())
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def block(text):
    """Scrolls when it is wide, so the keyboard must reach it."""
    return f'<pre tabindex="0"><code>{escape(text, quote=False)}</code></pre>\n'


def heading(level, anchor, text):
    return f'<h{level} id="{anchor}"><a href="#{anchor}">{escape(text)}</a></h{level}>\n'


def table(headings, rows, kind="fields"):
    head = "".join(f"<th>{name}</th>" for name in headings)
    return (f'<div class="table"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>\n'
            f'{"".join(rows)}</tbody></table></div>\n')


# --- the contract -------------------------------------------------------------------------------


class Contract:
    def __init__(self, document):
        self.document = document
        self.tags = {tag["name"]: tag for tag in document["tags"]}

    def resolved(self, node):
        """What a reference leads to; what stands beside it wins."""
        if "$ref" not in node:
            return node
        target = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        return {**self.resolved(target), **{name: value for name, value in node.items() if name != "$ref"}}

    def operations(self, tag):
        for path, item in self.document["paths"].items():
            for verb, operation in item.items():
                if verb in VERBS and tag in operation["tags"]:
                    yield path, verb, operation, item.get("parameters", [])

    def first_example(self, media):
        example = next(iter(media.get("examples", {}).values()), None)
        return self.resolved(example)["value"] if example else None


def schema_name(schema):
    reference = schema.get("$ref", "")
    return reference.rpartition("/")[2] if reference.startswith("#/components/schemas/") else None


def has_section(contract, name):
    """Objects have a section of their own; texts are explained where they stand."""
    return "properties" in contract.document["components"]["schemas"][name]


def type_html(contract, schema):
    name = schema_name(schema)
    if name and has_section(contract, name):
        anchor = "problems" if name == "Problem" else f"object-{name}"
        return f'<a href="#{anchor}">{name}</a>'
    schema = contract.resolved(schema)
    if "oneOf" in schema:
        return " or ".join(type_html(contract, choice) for choice in schema["oneOf"])
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']), quote=False)}</code>"
    kinds = schema.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds == ["array"]:
        return "list of " + type_html(contract, schema["items"])
    return " or ".join("text" if kind == "string" else kind for kind in kinds)


def limits_html(schema, said):
    """What a value may be, beyond its type and what its description has said."""
    if "enum" in schema or "x-extensible-enum" in schema:
        values = schema.get("enum", schema.get("x-extensible-enum"))
        values = [f"<code>{escape(value)}</code>" for value in values if value is not None]
        return "" if all(value in said for value in values) else f"One of {', '.join(values)}."
    if "minimum" in schema and "maximum" in schema:
        default = f", {schema['default']} when omitted" if "default" in schema else ""
        return f"{schema['minimum']} to {schema['maximum']}{default}."
    return ""


def description_html(contract, schema, own=None):
    full = contract.resolved(schema)
    if full.get("type") == "array" and "description" not in full:
        full = {**full, **{key: value for key, value in contract.resolved(full["items"]).items() if "enum" in key}}
    text = inline(" ".join((own or full.get("description", "")).split()))
    return " ".join(part for part in (text, limits_html(full, text)) if part)


def field_row(contract, name, schema, required, own=None):
    mark = "" if required else "<br><small>optional</small>"
    return (f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{type_html(contract, schema)}</td>"
            f"<td>{description_html(contract, schema, own)}</td></tr>\n")


def members(contract, schema, prefix=""):
    """A row for each member; small objects without a name are laid open in place."""
    schema = contract.resolved(schema)
    rows = []
    for name, member in schema.get("properties", {}).items():
        required = name in schema.get("required", [])
        full = contract.resolved(member)
        if schema_name(member) is None and "properties" in full:
            rows += members(contract, full, f"{prefix}{name}.")
        else:
            rows.append(field_row(contract, prefix + name, member, required))
    return rows


# --- operations ---------------------------------------------------------------------------------


def scope_html(contract, operation):
    security = operation.get("security", contract.document["security"])
    if not security:
        return '<span class="scope">no key</span>'
    scopes = ", ".join(security[0]["api_key"])
    return f'<span class="scope">scope <code>{escape(scopes)}</code></span>'


def curl(path, verb, operation, parameters, body):
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    words = ["curl"] if verb == "get" or body is not None else [f"curl -X {verb.upper()}"]
    words[0] += f' "$GATEWAY{path}"'
    if operation.get("security", True):
        words.append('-H "Authorization: Bearer $API_KEY"')
    for parameter in parameters:
        if parameter["in"] == "header" and parameter.get("required"):
            words.append(f'-H "{parameter["name"]}: {parameter["example"]}"')
    if body is not None:
        quoted = pretty(body).replace("'", "'\\''")
        words.append(f"--json '{quoted}'")
    return " \\\n  ".join(words)


def answer_html(contract, status, answer):
    answer = contract.resolved(answer)
    problems = answer.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {})
    codes = [contract.resolved(example)["value"]["code"] for example in problems.values()]
    links = ", ".join(f'<a href="#problem-{code}"><code>{code}</code></a>' for code in codes)
    name = "other" if status == "default" else status
    text = inline(" ".join(answer["description"].split()))
    return f"<div><dt>{name}</dt><dd><p>{text}{' ' + links if links else ''}</p>{answer_headers(answer)}</dd></div>\n"


def answer_headers(answer):
    names = [name for name in answer.get("headers", {}) if name != "Request-Id"]
    if not names:
        return ""
    return "<p><small>Headers: " + ", ".join(f"<code>{escape(name)}</code>" for name in names) + "</small></p>"


def example_html(summary, text, opened=False):
    return (f"<details{' open' if opened else ''}><summary>{escape(summary)}</summary>\n{block(text)}</details>\n")


def answer_examples(contract, operation):
    html = ""
    for status, answer in operation["responses"].items():
        for media_type, media in contract.resolved(answer).get("content", {}).items():
            if media_type == PROBLEM_JSON or media_type == "application/octet-stream":
                continue
            value = contract.first_example(media)
            text = value if isinstance(value, str) else pretty(value)
            html += example_html(f"Example of {status}, {media_type}", text)
    return html


def parameter_rows(contract, parameters):
    for parameter in parameters:
        schema = parameter["schema"]
        own = parameter.get("description")
        required = parameter.get("required", False)
        yield field_row(contract, parameter["name"], schema, required, own)


def body_html(contract, operation):
    if "requestBody" not in operation:
        return ""
    media = operation["requestBody"]["content"]["application/json"]
    return "<h4>Body</h4>\n" + table(("Member", "Type", "Meaning"), members(contract, media["schema"]))


def operation_html(contract, path, verb, operation, shared):
    parameters = [contract.resolved(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
    body = None
    if "requestBody" in operation:
        body = contract.first_example(operation["requestBody"]["content"]["application/json"])
    rows = list(parameter_rows(contract, parameters))
    answers = "".join(answer_html(contract, status, answer) for status, answer in operation["responses"].items())
    name = operation["operationId"]
    return (
        heading(3, name, operation["summary"])
        + f'<p class="call"><span class="verb {verb.upper()}">{verb.upper()}</span><code>{escape(path)}</code>'
        + f"{scope_html(contract, operation)}</p>\n"
        + paragraphs(operation["description"])
        + ("<h4>Parameters</h4>\n" + table(("Name", "Type", "Meaning"), rows) if rows else "")
        + body_html(contract, operation)
        + "<h4>Request</h4>\n" + block(curl(path, verb, operation, parameters, body))
        + f'<h4>Answers</h4>\n<dl class="answers">\n{answers}</dl>\n' + answer_examples(contract, operation)
    )


# --- sections -----------------------------------------------------------------------------------


def introduction(contract):
    info = contract.document["info"]
    key = contract.document["components"]["securitySchemes"]["api_key"]["description"]
    return (
        f'<h1 id="top">{escape(info["title"])}</h1>\n<p class="lead">{escape(info["summary"])}</p>\n'
        + paragraphs(info["description"])
        + '<p>This page is made from <a href="/openapi.yaml">openapi.yaml</a>.</p>\n'
        + heading(2, "keys", "API keys") + paragraphs(key)
        + "<p>The examples take both from the environment:</p>\n"
        + block("export GATEWAY=http://127.0.0.1:8080\nexport API_KEY=sk_test_…")
    )


def tag_html(contract, tag):
    operations = "".join(operation_html(contract, *operation) for operation in contract.operations(tag["name"]))
    return heading(2, f"tag-{tag['name']}", title(tag["name"])) + paragraphs(tag["description"]) + operations


def title(name):
    return name.replace("_", " ").capitalize()


def webhooks_html(contract):
    hooks = contract.document["webhooks"]
    one = next(iter(hooks.values()))["post"]
    rows = [f'<tr id="event-{name}"><td><code>{name}</code></td>'
            f'<td>{inline(" ".join(hook["post"]["description"].split()))}</td></tr>\n' for name, hook in hooks.items()]
    headers = [contract.resolved(parameter) for parameter in one["parameters"]]
    answers = "".join(answer_html(contract, status, answer) for status, answer in one["responses"].items())
    paid = hooks["invoice.paid"]["post"]["requestBody"]["content"]["application/json"]
    return (
        heading(2, "webhooks", "Webhooks")
        + "<p>Events, sent to your endpoints by POST until they are received.</p>\n"
        + heading(3, "event-types", "Event types") + table(("Type", "When"), rows)
        + heading(3, "delivery", "Delivery")
        + "<h4>Headers</h4>\n" + table(("Name", "Type", "Meaning"), parameter_rows(contract, headers))
        + "<h4>Body</h4>\n" + block(pretty(contract.first_example(paid)))
        + f'<h4>Your answer</h4>\n<dl class="answers">\n{answers}</dl>\n'
        + (HERE / "docs_webhooks.html").read_text()
    )


def problems_html(contract):
    kinds = contract.document["x-problem-kinds"]
    problem = contract.document["components"]["schemas"]["Problem"]
    rows = [f'<tr id="problem-{kind["code"]}"><td><code>{kind["code"]}</code></td><td>{kind["status"]}</td>'
            f'<td>{kind["retry"]}</td><td><p>{escape(kind["title"])}.</p>{inline(kind["advice"])}</td></tr>\n'
            for kind in kinds]
    example = contract.document["components"]["examples"]["ValidationError"]["value"]
    return (
        heading(2, "problems", "Problems")
        + "<p>Every error is such a document, of type <code>application/problem+json</code>:</p>\n"
        + block(pretty(example)) + table(("Member", "Type", "Meaning"), members(contract, problem))
        + heading(3, "problem-codes", "Problem codes")
        + table(("Code", "Status", "Retry", "What it means, what to do"), rows)
    )


def objects_html(contract):
    html = heading(2, "objects", "Objects")
    for name in sorted(contract.document["components"]["schemas"]):
        if not has_section(contract, name) or name == "Problem":
            continue
        schema = contract.document["components"]["schemas"][name]
        html += heading(3, f"object-{name}", name) + paragraphs(schema.get("description"))
        html += table(("Member", "Type", "Meaning"), members(contract, schema))
    return html


def navigation(contract):
    def item(anchor, text, below=""):
        return f'<li><a href="#{anchor}">{escape(text)}</a>{below}</li>\n'

    entries = item("keys", "API keys")
    for tag in contract.document["tags"]:
        below = "".join(item(operation["operationId"], operation["summary"])
                        for _, _, operation, _ in contract.operations(tag["name"]))
        entries += item(f"tag-{tag['name']}", title(tag["name"]), f"<ul>\n{below}</ul>")
    entries += item("webhooks", "Webhooks", f"<ul>\n{item('verify', 'Verify a webhook')}</ul>")
    entries += item("problems", "Problems", f"<ul>\n{item('problem-codes', 'Problem codes')}</ul>")
    entries += item("objects", "Objects")
    version = escape(contract.document["info"]["version"])
    name = f"<p>peerpay gateway <small>{version}</small></p>"
    return f'<nav aria-label="Contents">\n{name}\n<ul>\n{entries}</ul>\n</nav>\n'


def page(contract):
    css = (HERE / "docs.css").read_text()
    body = introduction(contract) + "".join(tag_html(contract, tag) for tag in contract.document["tags"])
    body += webhooks_html(contract) + problems_html(contract) + objects_html(contract)
    return (
        '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(contract.document['info']['title'])}: HTTP API</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<style>{css}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#top">To the text</a>\n'
        f"{navigation(contract)}<main>\n{body}</main>\n</body>\n</html>\n"
    )


def main():
    contract_path, output = map(Path, sys.argv[1:])
    contract = Contract(yaml.safe_load(contract_path.read_text()))
    output.write_text(page(contract))


if __name__ == "__main__":
    main()
