"""The chart of ratios: for each question a bar a peer, on a logarithmic scale from gyre's time."""
import math
import textwrap
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 960, 250, 90, 15, 22, 78
CAPTION_COLUMNS = 150
COLOURS = ["#1b6ca8", "#5fa8d3", "#c8553d", "#e59b7f", "#3a7d44", "#7a5c99"]


def _label(ratio):
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def _grid(decades, scale, height):
    out = []
    for power in range(decades + 1):
        x = LEFT + power * scale
        out.append(f'<path class="g" d="M{x:.1f} {TOP - 8}V{height - 40}"/>'
                   f'<text class="s" x="{x:.1f}" y="{height - 24}" text-anchor="middle">'
                   f'{"gyre" if power == 0 else f"{10 ** power:,}"}</text>')
    return out


def draw(rows, limit_s, caption):
    """`rows`: (label, gyre's time, [(peer, ratio)]); the ratio of one that was late is None, and
    reaches the right edge; one that has none for another reason says it, and has no bar."""
    largest = max([ratio for _, _, bars in rows for _, ratio in bars
                   if isinstance(ratio, float)] + [10])
    decades = math.ceil(math.log10(largest))
    scale = (WIDTH - LEFT - RIGHT) / decades
    height = TOP + sum(len(bars) * BAR + GAP for _, _, bars in rows) + 50
    whole = height + 14 * len(textwrap.wrap(caption, CAPTION_COLUMNS))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {whole}"'
           ' font-family="Helvetica, Arial, sans-serif" font-size="13" role="img"'
           ' aria-label="How many times longer than gyre each peer takes">',
           '<style>.t{fill:#123}.s{fill:#567;font-size:11px}.h{fill:#123;font-weight:bold}'
           '.g{stroke:#d5dde5;stroke-width:1}</style>',
           f'<rect width="{WIDTH}" height="{whole}" fill="#fff"/>',
           '<text class="h" x="20" y="26">Times gyre\'s time, each peer in its fastest form'
           ' (logarithmic)</text>']
    x = 20
    for (name, _), colour in zip(rows[0][2], COLOURS):
        out.append(f'<rect x="{x}" y="40" width="11" height="11" fill="{colour}"/>'
                   f'<text class="s" x="{x + 16}" y="50">{escape(name)}</text>')
        x += 40 + 7 * len(name)
    out += _grid(decades, scale, height)
    y = TOP
    for label, ours, bars in rows:
        middle = y + len(bars) * BAR / 2
        out.append(f'<text class="t" x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">'
                   f'{escape(label)}</text><text class="s" x="{LEFT - 12}" y="{middle + 15:.0f}"'
                   f' text-anchor="end">gyre {ours}</text>')
        for (_, ratio), colour in zip(bars, COLOURS):
            length, text = decades, f"not in {limit_s:g} s"
            if isinstance(ratio, str):
                length, text = 0, ratio
            elif ratio is not None:
                length, text = max(math.log10(max(ratio, 1)), 0.01), _label(ratio)
            length *= scale
            shade = ' fill-opacity="0.45"' if ratio is None else ""
            out.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 3}"'
                       f' fill="{colour}"{shade}/><text class="s" x="{LEFT + length + 5:.1f}"'
                       f' y="{y + BAR - 5}">{text}</text>')
            y += BAR
        y += GAP
    for line, words in enumerate(textwrap.wrap(caption, CAPTION_COLUMNS)):
        out.append(f'<text class="s" x="20" y="{height + 14 * line}">{escape(words)}</text>')
    return "\n".join(out) + "\n</svg>\n"
