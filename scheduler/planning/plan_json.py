"""A plan as JSON."""

from __future__ import annotations

from typing import Any

from scheduler.planning.plan import Plan


def as_json(plan: Plan) -> dict[str, Any]:
    return {
        "sessions": [
            {"duo": each.duo, "slot": each.slot, "location": each.location, "residents": list(each.residents)}
            for each in plan.sessions
        ],
        "not_placed": [{"resident": each.resident, "reason": each.reason.value} for each in plan.not_placed],
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": round(plan.gap, 6),
        "seconds": round(plan.seconds, 3),
        "method": plan.method,
    }
