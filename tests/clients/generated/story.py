"""What a script does with the client that openapi-python-client makes."""

import os
from datetime import UTC, datetime

from millwright import AuthenticatedClient, Client
from millwright.api.auth import sign_in
from millwright.api.equipment import list_machines
from millwright.api.work_orders import create_work_order, export_work_orders, list_work_orders, transition_work_order
from millwright.models import (
    Credentials,
    ListWorkOrdersIncludeItem,
    ListWorkOrdersSort,
    NewWorkOrder,
    Problem,
    ProblemCode,
    Transition,
    TransitionTo,
    WorkOrder,
    WorkOrderStatus,
    WorkOrderType,
)

ADDRESS = os.environ["MILLWRIGHT_API"]

session = sign_in.sync(
    client=Client(base_url=ADDRESS), body=Credentials(email="supervisor@demo.test", password="millwright-demo")
)
client = AuthenticatedClient(base_url=ADDRESS, token=session.access_token)

order = create_work_order.sync(
    client=client, body=NewWorkOrder(type_=WorkOrderType.CORRECTIVE, title="Gate squeaks")
)
assert isinstance(order, WorkOrder), order

open_ones = list_work_orders.sync(
    client=client,
    status=[WorkOrderStatus.NEW, WorkOrderStatus.ASSIGNED],
    assigned_to=[session.user.id, "null"],
    include=[ListWorkOrdersIncludeItem.CHECKLIST, ListWorkOrdersIncludeItem.CREW],
    sort=ListWorkOrdersSort.VALUE_0,
    limit=200,
)
assert order.id in [one.id for one in open_ones], "the newest is among mine and nobody's"
assert all(one.status in (WorkOrderStatus.NEW, WorkOrderStatus.ASSIGNED) for one in open_ones)
assert list_work_orders.sync(client=client, id=[order.id], due_at_lt=datetime.now(UTC)) == []
assert list_work_orders.sync(client=client, id=[order.id], status_not=[WorkOrderStatus.NEW]) == []

refused = transition_work_order.sync(client=client, id=order.id, body=Transition(to=TransitionTo.VERIFIED))
assert isinstance(refused, Problem) and refused.code == ProblemCode.MOVE_NOT_OPEN, refused
assert WorkOrderStatus.CANCELLED in refused.open_moves

wrong = list_machines.sync(client=client, cursor="x")
assert isinstance(wrong, Problem) and wrong.code == ProblemCode.NOT_A_CURSOR, wrong

exported = export_work_orders.sync_detailed(client=client, id=[order.id], fields=["title"])
assert exported.content == f"id,title\n{order.id},Gate squeaks\n".encode(), exported

print("as it should be")
