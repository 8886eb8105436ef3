"""What damaged text looks like, as DuckDB regular expressions; rules name them `$markup`, `$mojibake`, `$invisible`."""

_NAMES = (
    r"(?:[abiuABIU]|(?i:blockquote|body|br|center|div|em|font|h[1-6]|html|img|li|ol|p|span|strong|sub|sup|table|tbody|td|th"
    r"|thead|tr|ul))"
)
TAG = rf"</?{_NAMES}(?:\s[^<>]*)?/?>|<!--"
# a closing tag that the source escaped: it was kept as text, with a space (etl/normalise/text.py)
ESCAPED = rf"< /{_NAMES}>"
ENTITY = r"&(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
# UTF-8 read as windows-1252 or as Latin-1: what never comes after these letters
_AFTER = (
    r"\x{80}-\x{BF}\x{152}\x{153}\x{160}\x{161}\x{178}\x{17D}\x{17E}\x{192}"
    r"\x{2C6}\x{2DC}\x{2018}-\x{203A}\x{20AC}\x{2122}"
)
MOJIBAKE = (
    rf"\x{{FFFD}}|[\x{{C2}}\x{{C3}}\x{{C5}}][{_AFTER}]|\x{{C3}} |\x{{E2}}[\x{{201A}}\x{{2020}}\x{{20AC}}][{_AFTER}]"
)
INVISIBLE = (
    r"[\x00-\x09\x0B-\x1F\x7F-\x{A0}\x{AD}\x{180E}\x{2000}-\x{200F}\x{2028}-\x{202F}\x{205F}-\x{206F}\x{3000}\x{FEFF}]"
)

#: By the name that stands for it in a rule.
PATTERNS = {"markup": f"{TAG}|{ENTITY}", "mojibake": MOJIBAKE, "invisible": INVISIBLE}
