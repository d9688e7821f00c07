"""What there is in Axes."""

import numpy as np


def line(ax, start):
    """The one line whose label starts so."""
    found = [item for item in ax.get_lines() if str(item.get_label()).startswith(start)]
    assert len(found) == 1, [item.get_label() for item in ax.get_lines()]
    return found[0]


def area(ax, start):
    """Lowest and highest ordinate at each abscissa of the one area whose label starts so."""
    found = [item for item in ax.collections if str(item.get_label()).startswith(start)]
    assert len(found) == 1, [item.get_label() for item in ax.collections]
    points = found[0].get_paths()[0].vertices
    at = np.unique(points[:, 0])
    columns = [points[points[:, 0] == x, 1] for x in at]
    return at, np.array([c.min() for c in columns]), np.array([c.max() for c in columns])


def bars(ax):
    """Abscissae and heights of the vertical lines."""
    (found,) = [item for item in ax.collections if hasattr(item, "get_segments")]
    ends = np.array(found.get_segments())
    return ends[:, 1, 0], ends[:, 1, 1]


def legend(ax):
    """Texts of the legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def overlaps(ax):
    """Pairs of texts of the figure, title to legend, that lie over each other."""
    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()
    texts = [ax.title, ax.xaxis.label, ax.yaxis.label]
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    if ax.get_legend() is not None:
        texts += ax.get_legend().get_texts()
    shown = [text for text in texts if text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in shown]
    return [
        (shown[i].get_text(), shown[j].get_text())
        for i in range(len(boxes))
        for j in range(i)
        if min(boxes[i].x1, boxes[j].x1) - max(boxes[i].x0, boxes[j].x0) > 1.0
        and min(boxes[i].y1, boxes[j].y1) - max(boxes[i].y0, boxes[j].y0) > 1.0
    ]
