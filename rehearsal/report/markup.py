"""Elements of HTML and SVG as text. Whatever is not markup already is escaped, so no caller can forget it."""

from html import escape

_VOID = {"meta", "rect", "line", "path", "circle"}


class Markup(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """One element. `class_` stands for class, `_` for `-`; an attribute that is None is left out."""
    opening = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = join(*children)
    if name in _VOID and not inner:
        return Markup(f"<{name}{opening}>" if name == "meta" else f"<{name}{opening}/>")
    return Markup(f"<{name}{opening}>{inner}</{name}>")


def join(*parts: str) -> Markup:
    """Parts one after the other, escaped where needed."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
