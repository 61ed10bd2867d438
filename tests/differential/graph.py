"""Random graphs of flows: small, so that cases shrink and the oracle gets done, and dense in what
goes wrong: equal times, parallel flows, self-loops, flows back and forth, nulls."""
import datetime

# Columns of CTU-13 that are written; the first is never null, nor are the addresses.
COLUMNS = ("StartTime", "Dur", "Proto", "SrcAddr", "Sport", "DstAddr", "Dport", "State",
           "TotBytes", "Label")
TYPES = {"Dur": "float", "Proto": "text", "SrcAddr": "text", "Sport": "int", "DstAddr": "text",
         "Dport": "int", "State": "text", "TotBytes": "int", "Label": "text"}
ADDRESSES = ("10.0.0.2", "10.0.0.10", "9.0.0.1", "203.0.113.7", "10.0.0.3", "2001:db8::1")
BASE = datetime.datetime(2011, 8, 16, 10, 0, 0, tzinfo=datetime.timezone.utc)
SECOND_NS = 1_000_000_000
BASE_NS = int(BASE.timestamp()) * SECOND_NS

PROTOS = ("tcp", "udp", "icmp")
STATES = ("CON", "INT", "S_RA", "it's")
LABELS = ("flow=A", "flow=B", "Ünï")
# Sums of these are exact in any order.
DURATIONS = (0.0, 0.25, 0.5, 1.5, 3.0)
PORTS = (22, 53, 80, 443)
BYTES = (0, 60, 61, 1000, 70000)


def maybe(random, share, choices):
    return None if random.random() < share else random.choice(choices)


def draw_flows(random):
    count = random.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12))
    addresses = random.sample(ADDRESSES, random.randint(1, 4))
    nulls = random.choice((0.0, 0.1, 0.4))
    moments = random.choice((2, 5, 100))
    flows = []
    for _ in range(count):
        source, target = random.choice(addresses), random.choice(addresses)
        if flows and random.random() < 0.3:
            other = random.choice(flows)
            ends = [other["SrcAddr"], other["DstAddr"]]
            random.shuffle(ends)
            source, target = ends
        flows.append({
            "StartTime": BASE_NS + random.randrange(moments) * SECOND_NS // 2,
            "Dur": maybe(random, nulls, DURATIONS), "Proto": maybe(random, nulls / 2, PROTOS),
            "SrcAddr": source, "Sport": maybe(random, nulls, PORTS), "DstAddr": target,
            "Dport": maybe(random, nulls, PORTS), "State": maybe(random, nulls, STATES),
            "TotBytes": maybe(random, nulls, BYTES), "Label": maybe(random, nulls, LABELS)})
    if random.random() < 0.5:
        flows.sort(key=lambda flow: flow["StartTime"])
    return flows


def time_text(ns):
    moment = BASE + datetime.timedelta(microseconds=(ns - BASE_NS) // 1000)
    return moment.strftime("%Y/%m/%d %H:%M:%S.%f")


def iso_text(ns):
    """As reports write a datetime in a list or map: milliseconds only where there are any."""
    moment = BASE + datetime.timedelta(microseconds=(ns - BASE_NS) // 1000)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if moment.microsecond:
        text += f".{moment.microsecond // 1000:03}"
    return text + "Z"


def time_of_text(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return BASE_NS + int((moment - BASE) / datetime.timedelta(microseconds=1)) * 1000


def show_field(name, value):
    if value is None:
        return ""
    return time_text(value) if name == "StartTime" else str(value)


def to_csv(flows):
    lines = [",".join(COLUMNS)]
    lines += [",".join(show_field(name, flow[name]) for name in COLUMNS) for flow in flows]
    return "\n".join(lines) + "\n"
