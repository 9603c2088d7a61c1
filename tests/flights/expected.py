"""The table of the flights example, worked out independently of it.

python3 expected.py examples/flights/data/flights-20k.ndjson examples/flights/data/airports.csv
Standard library only, exact fractions throughout, rounded half away from zero.
"""
import csv, json, sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction


def show(value, digits):
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return str(abs(rounded) if rounded == 0 else rounded)


airports = {row["iata"]: row for row in csv.DictReader(open(sys.argv[2], encoding="utf-8", newline=""))}
unknown = {"city": "?", "state": "?"}
delays = {}
for flight in map(json.loads, open(sys.argv[1], encoding="utf-8")):
    delays.setdefault(flight["origin"], []).append(flight["delay"])

sys.stdout.reconfigure(encoding="utf-8", newline="\n")
print(f"{'iata':<4} {'flights':>7} {'mean':>8} {'median':>7} {'max':>5} {'late %':>7}  city")
for iata, all_of in sorted(delays.items(), key=lambda item: (-Fraction(sum(item[1]), len(item[1])), item[0])):
    all_of, n, place = sorted(all_of), len(all_of), airports.get(iata, unknown)
    mean, median = Fraction(sum(all_of), n), Fraction(all_of[(n - 1) // 2] + all_of[n // 2], 2)
    late = Fraction(100 * sum(delay > 15 for delay in all_of), n)
    print(f"{iata:<4} {n:>7} {show(mean, 2):>8} {show(median, 1):>7} {all_of[-1]:>5} {show(late, 1):>7}  {place['city']}, {place['state']}")
