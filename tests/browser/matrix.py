"""What the matrix of pairs looks like: its cells are painted on a canvas."""

from __future__ import annotations

from tests.browser.conftest import Page

STATE = "zslviz.tabs.compose.state"


def painted(page: Page, place: tuple[int, int], across: float = 0.5, down: float = 0.5) -> list[int]:
    """The colour (red, green, blue, alpha) that the matrix has at a place of a cell, given as fractions of its sides."""
    return page.evaluate(
        """([at, across, down]) => {
          const canvas = document.querySelector(".zv-matrix-heat");
          const [whole, cell] = [canvas, document.querySelector(`td[data-at="${at}"]`)].map((one) => one.getBoundingClientRect());
          const dots = canvas.width / whole.width;
          const [x, y] = [cell.left - whole.left + across * cell.width, cell.top - whole.top + down * cell.height];
          return [...canvas.getContext("2d").getImageData(Math.floor(x * dots), Math.floor(y * dots), 1, 1).data];
        }""",
        [" ".join(map(str, place)), across, down],
    )


def colour(page: Page, name: str) -> list[int]:
    """A colour of the page's styles as (red, green, blue, 255)."""
    written = page.eval_on_selector(
        "#zv-compose", f"one => getComputedStyle(one).getPropertyValue('--zv-{name}').trim()"
    )
    return [int(written[start : start + 2], 16) for start in (1, 3, 5)] + [255]


def cells_where(page: Page, wanted: str) -> list[tuple[int, int]]:
    """The cells (row, column) of which a condition on `seen`, `rank` and `share` of the scale is true."""
    return [
        (row, column)
        for row, column in page.evaluate(
            f"""() => {{
              const {{ space, ranking: r }} = {STATE};
              return r.ranks.flatMap((line, i) => line.flatMap((rank, j) => {{
                const [seen, share] = [Boolean(space.seen[i][j]), zslviz.draw.share(r.scores[i][j], r)];
                return {wanted} ? [[i, j]] : [];
              }}));
            }}"""
        )
    ]
