"""The embedded engine's child process: one JSON request on stdin, one JSON answer on stdout.

Started by its path, not as a module, so that nothing but regopy is imported. A request has
``modules`` (path to text), ``query`` and ``input`` (JSON text); the answer has ``result`` (the
query's value) or ``error``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, TextIO

_MESSAGE = re.compile(r"\(errormsg \d+:(.*?)\)?$", re.MULTILINE)


def main() -> None:
    """Answer one request."""
    answers = _take_stdout()
    # opa.runtime() shows a policy the environment, secrets and all: it gets none.
    os.environ.clear()
    request = json.loads(sys.stdin.buffer.read())
    answers.write(json.dumps(_evaluate(request)))
    answers.flush()


def _take_stdout() -> TextIO:
    """Keep stdout for the answer: the engine prints its complaints, which then go to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _evaluate(request: dict[str, Any]) -> dict[str, Any]:
    from regopy import Interpreter

    interpreter = Interpreter()
    interpreter.strict_built_in_errors = True
    try:
        for path, text in request["modules"].items():
            interpreter.add_module(path, text)
        # As text: set_input() truncates at NUL and wraps integers.
        interpreter.set_input_term(request["input"])
        output = interpreter.query(request["query"])
    except json.JSONDecodeError as error:
        # A built-in that failed within a comprehension leaves its error among the values.
        return {"error": f"the engine's own output is not JSON: {error}"}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    if not output.ok():
        return {"error": _describe_errors(output.node())}
    if len(output) != 1 or len(output[0].expressions) != 1:
        return {"error": f"expected one value, found {output}"}
    return {"result": output[0].expressions[0]}


def _describe_errors(errors: Any) -> str:
    """Take the messages out of the engine's error nodes, whose rest is a syntax tree."""
    texts = [errors.at(position).json() for position in range(len(errors))]
    return "; ".join(dict.fromkeys(_MESSAGE.findall(" ".join(texts)))) or "no message"


if __name__ == "__main__":
    main()
