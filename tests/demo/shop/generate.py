#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the demo's synthetic shop: orders, customers, requests, and what must come of them.

Everything is invented and follows from SEED. `generate.py` rewrites the files beside it;
`generate.py --check` only says whether they are what it would write.

The outcomes are worked out here a second time, in plain Python and independent of the workflow,
so that the demo compares the product with something that is not the product.
"""
import json
import pathlib
import sys

SEED = 20260917
HERE = pathlib.Path(__file__).parent

GIVEN = """Adaeze Bram Cilla Davit Elin Farouk Greta Hiroko Imre Jolanta Kofi Liesl Mateja Nuno Oriel
Petra Quill Rasmus Saoirse Tiago Ulla Vesna Wim Xenia Yrsa Zoltan""".split()
FAMILY = """Abara Brandvold Castellan Duarte Eklund Fairweather Gyllenhaal Holt Ibsen Jaworski Kestrel
Lindqvist Marlowe Novak Okonjo Pellworm Quist Rosenkilde Strand Thackeray Umber Vael Winterbourne""".split()
STREETS = ["Harbour Steps", "Kiln Lane", "Lower Orchard", "Mill Race", "Observatory Hill", "Tannery Row"]
TOWNS = [("Fernhollow", "OR", "97001"), ("Saltmarsh", "ME", "04001"), ("Copperfield", "AZ", "85001"),
         ("Northwick", "MN", "55001"), ("Dunmore Bay", "WA", "98001")]
# Name, options, price in cents. A shop for people who stay out late.
PRODUCTS = [
    ("Tin mug", {"colour": "moss"}, 1190), ("Tin mug", {"colour": "ember"}, 1190),
    ("Beeswax candles, six", {"scent": "none"}, 1845), ("Wool socks", {"size": "M"}, 2275),
    ("Wool socks", {"size": "L"}, 2275), ("Star chart", {"hemisphere": "north"}, 2950),
    ("Enamel plate set", {"pieces": "4"}, 3960), ("Folding saw", {"blade": "21 cm"}, 5430),
    ("Red torch", {"battery": "rechargeable"}, 6415), ("Storm lantern", {"fuel": "paraffin"}, 8999),
    ("Hammock", {"width": "double"}, 12450), ("Camp stove", {"burners": "2"}, 18725),
    ("Field binoculars", {"lens": "10x42"}, 27999), ("Down quilt", {"rating": "-5 C"}, 34980),
    ("Canvas tarp", {"size": "4 x 4 m"}, 41210), ("Two-person tent", {"season": "4"}, 68450),
    ("Travel telescope", {"aperture": "90 mm"}, 93900), ("Cedar canoe paddle pair", {"length": "150 cm"}, 24615),
    ("Packraft", {"seats": "1"}, 118500), ("Bell tent", {"diameter": "5 m"}, 146999),
    ("Observatory tripod", {"load": "40 kg"}, 179900), ("Wood-fired hot tub", {"litres": "900"}, 289000),
]
WORDS = {
    "cancel": ["Please cancel {o}, plans have changed.", "I'd like to call off order {o}.",
               "Could you stop {o} before it ships?", "Cancel my order please, number {o}."],
    "return": ["I want to send back part of {o}.", "How do I return these? The order was {o}.",
               "These did not suit me, please refund what I send back from {o}.", "Refund for returned goods, {o}."],
}
CANCEL_REASONS = ["no longer needed", "ordered by mistake"]
PROVIDER_REFUSED = "the payment provider did not make the refund; the order stands as before"


class Dice:
    """A small generator of our own, so that no version of Python changes the files."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def pick(self, items):
        return items[self.below(len(items))]

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]


def dollars(cents):
    return cents / 100


def make_users(dice):
    users = {}
    for i in range(60):
        given, family = GIVEN[(i * 7 + i // 26) % len(GIVEN)], FAMILY[(i * 5 + i // 23) % len(FAMILY)]
        user_id = f"{given}.{family}.{i + 11}".lower()
        methods = {}
        for source in [["credit_card"], ["credit_card", "gift_card"], ["paypal"], ["paypal", "gift_card"],
                       ["gift_card"], ["credit_card", "paypal"]][i % 6]:
            method = {"id": f"{source}_{4100 + 13 * i + len(methods)}", "source": source}
            if source == "credit_card":
                method |= {"brand": dice.pick(["mastercard", "visa"]), "last_four": f"{dice.below(10000):04}"}
            if source == "gift_card":
                method["balance"] = dollars(dice.below(9000))
            methods[method["id"]] = method
        town, state, code = dice.pick(TOWNS)
        users[user_id] = {
            "address": {"address1": f"{1 + dice.below(240)} {dice.pick(STREETS)}", "address2": "", "city": town,
                        "country": "USA", "state": state, "zip": code},
            "email": f"{given}.{family}{i + 11}@example.org".lower(),
            "name": {"first_name": given, "last_name": family},
            "orders": [],
            "payment_methods": methods,
        }
    return users


def make_orders(dice, users):
    orders, ids = {}, list(users)
    for i in range(124):
        user_id = ids[i % len(ids)]
        order_id = f"#LW-{20400 + 37 * i}"
        # A third small, a third of some hundreds, a third dear: all three bands of the gate.
        kinds = [range(0, 9), range(4, 18), range(13, 22)][dice.below(3)]
        items, total = [], 0
        for _ in range(1 + dice.below(4)):
            number = kinds[dice.below(len(kinds))]
            name, options, price = PRODUCTS[number]
            items.append({"item_id": f"{7000 + number}", "name": name, "options": options, "price": dollars(price),
                          "product_id": f"{500 + number}"})
            total += price
        method = dice.pick(list(users[user_id]["payment_methods"]))
        parts = [(method, total)]
        if i % 41 == 7 and len(users[user_id]["payment_methods"]) > 1:
            other = [m for m in users[user_id]["payment_methods"] if m != method][0]
            parts = [(method, total - 500), (other, 500)]
        status = ["pending", "delivered", "pending", "delivered", "processed"][(i + i // 5) % 5]
        history = [{"amount": dollars(cents), "payment_method_id": m, "transaction_type": "payment"}
                   for m, cents in parts]
        if i % 31 == 11:
            status, history = "cancelled", history + [h | {"transaction_type": "refund"} for h in history]
        orders[order_id] = {
            "address": users[user_id]["address"],
            "fulfillments": [] if status in ("pending", "cancelled") else [
                {"item_ids": [it["item_id"] for it in items], "tracking_id": [f"LW{880000 + 97 * i}"]}],
            "items": items, "order_id": order_id, "payment_history": history, "status": status, "user_id": user_id}
        if status == "cancelled":
            orders[order_id]["cancel_reason"] = "no longer needed"
        users[user_id]["orders"].append(order_id)
    return orders


def make_requests(dice, users, orders):
    requests = []

    def ask(kind, order_id, user_id, **more):
        user = users.get(user_id)
        request = {"customer": {"user_id": user_id, "email": user["email"] if user else f"{user_id}@example.org"},
                   "kind": kind, "order_id": order_id, "message": dice.pick(WORDS[kind]).format(o=order_id)}
        if kind == "cancel":
            request["reason"] = more.get("reason", dice.pick(CANCEL_REASONS))
        else:
            request["item_ids"] = more["item_ids"]
            request["payment_method_id"] = more["payment_method_id"]
        if "email" in more:
            request["customer"]["email"] = more["email"]
        return request

    def ask_return(order_id, user_id=None, **more):
        order = orders[order_id]
        owner = order["user_id"]
        ids = [item["item_id"] for item in order["items"]]
        dice.shuffle(ids)
        cards = [m for m, v in users[owner]["payment_methods"].items() if v["source"] == "gift_card"]
        to = order["payment_history"][0]["payment_method_id"]
        if cards and dice.below(3) == 0:
            to = cards[0]
        more = {"item_ids": ids[:1 + dice.below(len(ids))], "payment_method_id": to} | more
        return ask("return", order_id, user_id or owner, **more)

    by_status = {}
    for order_id, order in orders.items():
        by_status.setdefault(order["status"], []).append(order_id)
    for order_id in by_status["pending"]:
        requests.append(ask("cancel", order_id, orders[order_id]["user_id"]))
    for order_id in by_status["delivered"]:
        requests.append(ask_return(order_id))

    strangers = list(users)
    for _ in range(190):
        case = dice.below(13)
        # Rules that come late in the table need an order that gets that far.
        order_id = dice.pick(by_status["pending"] if case == 5 else by_status["delivered"] if 6 <= case <= 10
                             else list(orders))
        order = orders[order_id]
        owner = order["user_id"]
        stranger = dice.pick([u for u in strangers if u != owner])
        if case == 0:
            requests.append(ask("cancel", f"#LW-{90000 + dice.below(999)}", owner))
        elif case == 1:
            requests.append(ask("cancel", order_id, stranger))
        elif case == 2:
            requests.append(ask_return(order_id, user_id=stranger))
        elif case == 3:
            requests.append(ask("cancel", order_id, owner, email="someone.else@example.org"))
        elif case == 4:
            requests.append(ask("cancel", order_id, f"nobody.{dice.below(999)}"))
        elif case == 5:
            requests.append(ask("cancel", order_id, owner, reason=dice.pick(["found it cheaper", "I just do", ""])))
        elif case == 6:
            requests.append(ask_return(order_id, payment_method_id=f"gift_card_{dice.below(900)}"))
        elif case == 7:
            foreign = [m for m, v in users[owner]["payment_methods"].items()
                       if v["source"] != "gift_card" and m != order["payment_history"][0]["payment_method_id"]]
            requests.append(ask_return(order_id, **({"payment_method_id": foreign[0]} if foreign else {})))
        elif case == 8:
            requests.append(ask_return(order_id, item_ids=[order["items"][0]["item_id"]] * 5))
        elif case == 9:
            requests.append(ask_return(order_id, item_ids=[]))
        elif case == 10:
            requests.append(ask_return(order_id))
        else:
            requests.append(ask("cancel", order_id, owner))
    dice.shuffle(requests)
    requests = [{"request_id": f"lw-{i + 1:04}"} | request for i, request in enumerate(requests)]
    # Webhooks are delivered at least once: some requests come again, word for word, later on.
    for i in range(20, len(requests), 23):
        requests.insert(min(i + 3 + dice.below(40), len(requests)), requests[i])
    return requests


def choose_trouble(dice, orders):
    """Cards whose refunds the provider refuses for good, and orders the approvers do not like."""
    cards = sorted({o["payment_history"][0]["payment_method_id"] for o in orders.values()
                    if o["status"] in ("pending", "delivered")
                    and o["payment_history"][0]["payment_method_id"].startswith("credit_card")})
    dice.shuffle(cards)
    dear = sorted(i for i, o in orders.items() if sum(p["amount"] for p in o["payment_history"]) > 150)
    dice.shuffle(dear)
    return {"disputed_payment_methods": sorted(cards[:3]), "watched_orders": sorted(dear[:14])}


def cents(value):
    return round(value * 100)


def judge(request, users, orders, trouble):
    """The outcome of one request, and its effect upon @orders and @users."""
    user = users.get(request["customer"]["user_id"])
    if user is None or user["email"] != request["customer"]["email"]:
        return "rejected", None, "identity not confirmed"
    order = orders.get(request["order_id"])
    if order is None:
        return "rejected", None, "order not found"
    if order["user_id"] != request["customer"]["user_id"]:
        return "rejected", None, "order belongs to another customer"
    payments = [p for p in order["payment_history"] if p["transaction_type"] == "payment"]
    cancel = request["kind"] == "cancel"
    if cancel and order["status"] != "pending":
        return "rejected", None, "non-pending order cannot be cancelled"
    if cancel and request["reason"] not in CANCEL_REASONS:
        return "rejected", None, "invalid reason"
    if not cancel and order["status"] != "delivered":
        return "rejected", None, "non-delivered order cannot be returned"
    if len(payments) > 1:
        return "rejected", None, "order was paid in several parts; handle by hand"
    paid_with, methods = payments[0]["payment_method_id"], user["payment_methods"]
    if cancel:
        amount, to = cents(payments[0]["amount"]), paid_with
    else:
        to, ids = request["payment_method_id"], request["item_ids"]
        if to not in methods:
            return "rejected", None, "payment method not found"
        if to != paid_with and methods[to]["source"] != "gift_card":
            return "rejected", None, "payment method should be either the original payment method or a gift card"
        held = [item["item_id"] for item in order["items"]]
        if not ids:
            return "rejected", None, "no item named"
        if any(ids.count(i) > held.count(i) for i in ids):
            return "rejected", None, "some item not found"
        prices = {item["item_id"]: cents(item["price"]) for item in order["items"]}
        amount = sum(prices[i] for i in ids)
    if amount > 10000 and order["order_id"] in trouble["watched_orders"]:
        return "rejected", None, "not approved"
    if methods[to]["source"] != "gift_card" and to in trouble["disputed_payment_methods"]:
        return "failed", None, PROVIDER_REFUSED

    if cancel:
        order["status"], order["cancel_reason"] = "cancelled", request["reason"]
        order["payment_history"] = order["payment_history"] + [
            {"amount": payments[0]["amount"], "payment_method_id": to, "transaction_type": "refund"}]
        if methods[to]["source"] == "gift_card":
            methods[to]["balance"] = dollars(cents(methods[to]["balance"]) + amount)
    else:
        order["status"] = "return requested"
        order["return_items"], order["return_payment_method_id"] = sorted(ids), to
    return "refunded", amount, None


def work_out(requests, users, orders, trouble):
    before = json.loads(json.dumps([users, orders]))
    users, orders = json.loads(json.dumps(before))
    expected, seen = [], set()
    for request in requests:
        if request["request_id"] in seen:
            continue
        seen.add(request["request_id"])
        outcome, amount, error = judge(request, users, orders, trouble)
        expected.append({"request_id": request["request_id"], "outcome": outcome,
                         "refund_amount": None if amount is None else dollars(amount), "error": error})
    state = {
        "changed_orders": {i: o for i, o in orders.items() if o != before[1][i]},
        "changed_payment_methods": {i: u["payment_methods"] for i, u in users.items()
                                    if u["payment_methods"] != before[0][i]["payment_methods"]},
    }
    return expected, state


def make_files():
    dice = Dice(SEED)
    users = make_users(dice)
    orders = make_orders(dice, users)
    requests = make_requests(dice, users, orders)
    trouble = choose_trouble(dice, orders)
    expected, state = work_out(requests, users, orders, trouble)

    def document(value):
        return json.dumps(value, indent=1, sort_keys=True) + "\n"

    def lines(values):
        return "".join(json.dumps(value) + "\n" for value in values)

    return {"users.json": document(users), "orders.json": document(orders), "requests.jsonl": lines(requests),
            "trouble.json": document(trouble), "expected.jsonl": lines(expected), "final-state.json": document(state)}


def main():
    files = make_files()
    if sys.argv[1:] == ["--check"]:
        wrong = [name for name, text in files.items() if (HERE / name).read_text(encoding="utf-8") != text]
        if wrong:
            sys.exit(f"generate.py would write other contents: {', '.join(wrong)}; run it")
        return
    for name, text in files.items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
