"""``/metrics``, in Prometheus' text format. Without a token, like the pages: this version serves this machine only."""

from flask import Blueprint, Response

from webapp.context import context
from webapp.upkeep.metrics import Metric, metrics

blueprint = Blueprint("metrics", __name__)
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/metrics")
def show() -> Response:
    """Show all metrics as of now."""
    return Response("".join(_text(metric) for metric in metrics(context())), content_type=_TYPE)


def _text(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels)
        lines.append(f"{metric.name}{{{labels}}} {sample.value!r}" if labels else f"{metric.name} {sample.value!r}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
