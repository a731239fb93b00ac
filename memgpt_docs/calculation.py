"""Arithmetic for figures that no page states: safe, exact in decimals, and shown as a formula."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, localcontext

from memgpt_docs.errors import FunctionError

MAX_CHARS = 400
MAX_POWER = 100
MOST_PLACES = 12
DIGITS = 40
LARGEST = Decimal(10) ** 24

# In 1,577 the comma belongs to the number; between arguments a blank follows it.
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d])")
_PERCENT = re.compile(r"(\d(?:[\d_.]*\d)?)\s?%")
_FORMS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "^": "\x00", "$": "", "€": "",
                        "£": "", "¥": ""})  # fmt: skip
HELP = (
    "Write numbers with + - * / ( ), for example (1577 - 1373) / 1373 * 100. sum, average, min, "
    "max, abs and round take numbers parted by a comma and a blank."
)


@dataclass(frozen=True)
class Calculation:
    """An expression as it was given, what it comes to, and the numbers that stand in it."""

    expression: str
    value: Decimal
    operands: tuple[Decimal, ...]

    def __str__(self) -> str:
        return f"{self.expression} = {shown(self.value)}"


def calculate(expression: str) -> Calculation:
    """Works `expression` out. Raises `FunctionError` that says what cannot be worked out."""
    text = " ".join(expression.split())
    if not text or len(text) > MAX_CHARS:
        raise FunctionError(f"An expression has 1 to {MAX_CHARS} characters.", HELP)
    plain = text.translate(_FORMS).replace("\x00", "**")
    plain = _GROUPED.sub(lambda match: match.group().replace(",", ""), plain)
    plain = _PERCENT.sub(r"(\1/100)", plain)
    operands: list[Decimal] = []
    try:
        tree = ast.parse(plain.strip(), mode="eval")
        with localcontext(Context(prec=DIGITS)):
            value = _value(tree.body, operands, plain.strip())
    except FunctionError:
        raise
    except ZeroDivisionError as error:
        raise FunctionError(f"“{text}” divides by zero.", HELP) from error
    except DecimalException as error:
        why = "divides by zero" if "DivisionByZero" in repr(error) else "is out of range"
        raise FunctionError(f"“{text}” {why}.", HELP) from error
    except (
        SyntaxError,
        ValueError,
        TypeError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        raise FunctionError(f"“{text}” is not arithmetic.", HELP) from error
    if not value.is_finite() or abs(value) > LARGEST:
        raise FunctionError(f"“{text}” is out of range.", HELP)
    return Calculation(text, value, tuple(operands))


def shown(value: Decimal) -> str:
    """A result with grouped thousands and at most six decimals."""
    with localcontext(Context(prec=DIGITS)):
        text = f"{round(value, 6):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _average(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _round(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    if abs(places) > MOST_PLACES:
        raise FunctionError(f"round takes at most {MOST_PLACES} places.", HELP)
    return Decimal(round(value, int(places)))


_FUNCTIONS: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": lambda values: sum(values, Decimal(0)),
    "average": _average,
    "avg": _average,
    "mean": _average,
    "min": min,
    "max": max,
    "abs": lambda values: abs(values[0]),
    "round": lambda values: _round(*values),
}


def _value(node: ast.expr, operands: list[Decimal], source: str) -> Decimal:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            # The digits as written: a float would round them.
            written = ast.get_source_segment(source, node) or str(node.value)
            operands.append(Decimal(written.replace("_", "")))
            return operands[-1]
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, operands, source)
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand, operands, source)
        case ast.BinOp():
            left = _value(node.left, operands, source)
            right = _value(node.right, operands, source)
            return _operation(node.op, left, right)
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS and node.args:
            values = [_value(argument, operands, source) for argument in node.args]
            return Decimal(_FUNCTIONS[name](values))
        case _:
            raise FunctionError("Only numbers, + - * / and a few functions are worked out.", HELP)


def _operation(operator: ast.operator, left: Decimal, right: Decimal) -> Decimal:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow() if abs(right) <= MAX_POWER:
            return left**right
        case _:
            raise FunctionError("That operation is not worked out.", HELP)
