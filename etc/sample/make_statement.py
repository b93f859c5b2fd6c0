#!/usr/bin/python3
"""make_statement.py - writes bank statements of our own making: the sample, and the bench's files.

    make_statement.py --sample DIR     statement.csv (3,000 rows) and earlier.csv, which it overlaps
    make_statement.py --rows N FILE    N clean rows, for the bench (about 77 bytes each)

The same arguments always write the same bytes. Merchants are real names, everything else is made
up: shops by their usual wording on a card statement, amounts by their usual size, one currency.
A duplicate is a line that an earlier import brought already, so the sample is two statements: the
last days of earlier.csv are the first days of statement.csv, as when one downloads twice.
"""
import argparse
import datetime
import os
import random
import sys

# wording on the statement | smallest amount | largest | how often; minus is money out.
# {n} is the number of a shop, {c} its town.
MERCHANTS = """
STARBUCKS STORE {n} {c}|-3.25|-18.40|30
DUNKIN #{n} {c}|-2.99|-16.20|16
MCDONALD'S F{n} {c}|-4.19|-24.80|22
SUBWAY {n} {c}|-6.49|-22.30|12
CHIPOTLE {n} {c}|-9.85|-41.60|14
PANERA BREAD #{n} {c}|-8.29|-38.90|9
DOMINO'S {n} {c}|-12.99|-58.70|7
TACO BELL {n} {c}|-5.29|-23.60|9
BURGER KING #{n} {c}|-5.79|-26.40|8
WENDYS {n} {c}|-6.09|-25.10|7
SHAKE SHACK {n} {c}|-9.89|-44.20|4
DOORDASH*ORDER {n} SAN FRANCISCO CA|-14.60|-88.40|15
UBER EATS HELP.UBER.COM CA {n}|-13.20|-76.90|12
GRUBHUB*ORDER {n} CHICAGO IL|-15.80|-70.20|6
WHOLE FOODS MARKET {n} {c}|-11.40|-186.30|16
TRADER JOE'S #{n} {c}|-9.70|-132.60|16
SAFEWAY #{n} {c}|-6.20|-148.90|14
KROGER #{n} {c}|-7.90|-162.40|14
ALDI {n} {c}|-8.10|-96.50|9
PUBLIX SUPER MARKETS #{n} {c}|-8.80|-139.70|9
COSTCO WHSE #{n} {c}|-38.20|-412.80|8
WAL-MART SUPERCENTER #{n} {c}|-8.40|-224.60|18
TARGET T-{n} {c}|-7.30|-198.10|16
AMAZON.COM*{n} SEATTLE WA|-6.99|-284.50|40
AMZN MKTP US*{n} AMZN.COM/BILL WA|-5.49|-164.20|34
BEST BUY #{n} {c}|-14.99|-899.00|4
APPLE STORE R{n} {c}|-19.00|-1299.00|2
IKEA {n} {c}|-12.99|-486.30|3
THE HOME DEPOT #{n} {c}|-6.48|-348.90|10
LOWE'S #{n} {c}|-7.12|-302.70|8
ETSY.COM*SHOP {n} BROOKLYN NY|-8.50|-94.00|5
EBAY O*{n} SAN JOSE CA|-7.80|-182.00|6
OLD NAVY {n} {c}|-12.50|-118.40|4
NORDSTROM #{n} {c}|-28.00|-360.00|3
NIKE.COM {n} BEAVERTON OR|-35.00|-210.00|2
REI #{n} {c}|-18.95|-279.00|2
CVS/PHARMACY #{n} {c}|-3.49|-82.60|14
WALGREENS #{n} {c}|-3.29|-76.80|12
SHELL OIL {n} {c}|-18.30|-74.90|16
CHEVRON {n} {c}|-19.60|-78.20|12
EXXONMOBIL {n} {c}|-17.80|-72.40|12
BP#{n} {c}|-16.90|-69.30|8
7-ELEVEN {n} {c}|-2.29|-31.40|10
UBER TRIP HELP.UBER.COM CA {n}|-7.40|-64.80|20
LYFT *RIDE {n} SAN FRANCISCO CA|-8.10|-59.70|12
AMTRAK .COM {n} WASHINGTON DC|-24.00|-214.00|3
DELTA AIR LINES {n} ATLANTA GA|-119.20|-684.60|2
UNITED AIRLINES {n} HOUSTON TX|-109.40|-712.80|2
SOUTHWEST AIRLINES {n} DALLAS TX|-89.00|-412.40|2
MARRIOTT {n} {c}|-129.00|-486.20|3
HILTON HOTELS {n} {c}|-118.00|-462.90|3
AIRBNB * HM{n} SAN FRANCISCO CA|-92.40|-618.70|2
EXPEDIA {n} EXPEDIA.COM WA|-84.00|-742.10|1
HERTZ RENT-A-CAR {n} {c}|-62.40|-318.00|1
MTA*NYCT PAYGO NEW YORK NY {n}|-2.90|-2.90|12
BART-CLIPPER {n} OAKLAND CA|-20.00|-60.00|3
PARKMOBILE {n} ATLANTA GA|-2.45|-18.60|6
NETFLIX.COM {n} LOS GATOS CA|-15.49|-15.49|2
SPOTIFY USA {n} NEW YORK NY|-11.99|-11.99|2
HULU {n} SANTA MONICA CA|-7.99|-7.99|2
DISNEY PLUS {n} BURBANK CA|-13.99|-13.99|2
APPLE.COM/BILL {n} CUPERTINO CA|-0.99|-24.99|6
GOOGLE *YOUTUBEPREMIUM {n} CA|-13.99|-13.99|2
GOOGLE *GSUITE_ACME {n} CA|-36.00|-72.00|2
MICROSOFT*365 {n} REDMOND WA|-12.50|-99.00|2
ADOBE *CREATIVE CLOUD {n} SAN JOSE CA|-59.99|-59.99|2
GITHUB, INC. {n} SAN FRANCISCO CA|-4.00|-84.00|2
DROPBOX*{n} SAN FRANCISCO CA|-11.99|-19.99|1
SLACK T{n} SAN FRANCISCO CA|-43.50|-130.50|1
ZOOM.US {n} SAN JOSE CA|-15.99|-15.99|1
AWS EMEA AWS.AMAZON.COM {n} WA|-21.30|-486.70|2
DIGITALOCEAN.COM {n} NEW YORK NY|-6.00|-96.00|1
COMCAST CABLE COMM {n} PHILADELPHIA PA|-79.99|-129.99|2
VERIZON WRLS {n} FOLSOM CA|-62.30|-148.60|2
T-MOBILE POSTPAID {n} BELLEVUE WA|-58.00|-136.00|1
AT&T *PAYMENT {n} DALLAS TX|-54.80|-142.20|1
PG&E WEBRECURRING {n} SAN FRANCISCO CA|-68.40|-284.60|2
CON EDISON {n} NEW YORK NY|-61.20|-242.90|1
GEICO *AUTO {n} WASHINGTON DC|-92.60|-148.30|1
STATE FARM INSURANCE {n} BLOOMINGTON IL|-84.20|-162.50|1
PLANET FITNESS {n} {c}|-10.00|-24.99|2
AMC {n} {c}|-13.49|-62.80|4
STEAMGAMES.COM {n} BELLEVUE WA|-4.99|-69.99|3
TICKETMASTER {n} BEVERLY HILLS CA|-48.60|-318.40|1
BARNES & NOBLE #{n} {c}|-8.99|-74.60|3
PETSMART #{n} {c}|-9.49|-128.30|4
STAPLES {n} {c}|-5.99|-164.80|5
FEDEX OFFICE {n} {c}|-4.20|-86.40|4
USPS PO {n} {c}|-4.85|-62.10|6
UPS STORE #{n} {c}|-8.40|-74.20|3
ATM WITHDRAWAL {n} {c}|-20.00|-300.00|8
ACH DEBIT ACME PROPERTY MGMT RENT {n}|-2450.00|-2450.00|1
GUSTO PAYROLL FEE {n} SAN FRANCISCO CA|-46.00|-88.00|1
MONTHLY SERVICE FEE {n}|-12.00|-12.00|1
VENMO PAYMENT {n}|-8.00|-240.00|10
ZELLE TO J MILLER {n}|-20.00|-650.00|4
CHECK {n}|-40.00|-1800.00|4
TONY'S BARBER SHOP {c} {n}|-22.00|-48.00|4
GREEN LEAF GARDEN CTR {c} {n}|-9.80|-142.00|3
MAPLE ST HARDWARE {c} {n}|-3.60|-88.00|3
STRIPE TRANSFER ST-{n}|180.00|4200.00|24
SQUARE INC {n} DEPOSIT|64.00|1350.00|18
PAYPAL TRANSFER {n}|22.00|960.00|10
ACH CREDIT DIRECT DEP PAYROLL {n}|1850.00|2640.00|6
INTEREST PAYMENT {n}|0.42|9.80|2
AMAZON.COM REFUND {n} SEATTLE WA|6.99|164.20|3
ZELLE FROM K ALVAREZ {n}|15.00|480.00|3
"""

TOWNS = """SEATTLE WA|PORTLAND OR|OAKLAND CA|SAN JOSE CA|DENVER CO|AUSTIN TX|CHICAGO IL|BOSTON MA
NEW YORK NY|BROOKLYN NY|ATLANTA GA|PHOENIX AZ|COLUMBUS OH|MADISON WI"""
TOWNS = TOWNS.replace("\n", "|").split("|")

FIRST = datetime.date(2025, 1, 1)
BENCH_DAYS = 1000  # so that a day of a million rows holds a thousand
BENCH_PREFIX = "POS PURCHASE 4471 "  # some banks are wordy: 77 bytes a row instead of 60
PLACES = 5  # wordings of one merchant: about 500 in all


def wordings(rng):
    """(text, low, high in cents, weight) of every shop that the account holder goes to."""
    out = []
    for line in MERCHANTS.strip().split("\n"):
        text, low, high, weight = line.split("|")
        cents = sorted(abs(round(float(x) * 100)) for x in (low, high))
        sign = -1 if low.startswith("-") else 1
        for _ in range(PLACES):
            shop = text.format(n=rng.randrange(10000, 99999), c=rng.choice(TOWNS))
            out.append((shop, cents[0], cents[1], sign, int(weight)))
    return out


def rows(count, days, seed, prefix=""):
    """Yields [date, description, amount, balance], dates growing."""
    rng = random.Random(seed)
    shops = [(text if sign > 0 else prefix + text, low, high, sign, weight)
             for text, low, high, sign, weight in wordings(rng)]
    weights = [shop[4] for shop in shops]
    balance = 1842517
    for i, shop in enumerate(rng.choices(shops, weights, k=count)):
        text, low, high, sign, _ = shop
        # Small amounts are the common ones: a square leans to the low end.
        amount = sign * (low + int((high - low) * rng.random() ** 2))
        balance += amount
        day = FIRST + datetime.timedelta(days=i * days // count)
        yield [day.isoformat(), text, money(amount), money(balance)]


def money(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def spoil(row, how):
    """What happens to a file between the bank and us."""
    if how == 0:
        row[0] = row[0][:5] + "02-30"
    elif how == 1:
        row[2] = ""
    elif how == 2:
        row[2] = row[2].replace(".", ".x")
    else:
        row[0] = ""
    return row


def write(path, lines):
    with open(path, "w", newline="") as out:
        out.write("Date,Description,Amount,Balance\r\n")
        for row in lines:
            out.write(",".join(row) + "\r\n")


def quoted(row):
    return [f'"{field}"' if "," in field else field for field in row]


def sample(folder):
    """3,120 rows in two files: 120 + 30 in the first, of which 30 come again in the second."""
    whole = [quoted(row) for row in rows(3120, 365, seed=2025)]
    write(os.path.join(folder, "earlier.csv"), whole[:150])
    main = whole[120:]
    rng = random.Random(7)
    for at in rng.sample(range(40, len(main)), 30):
        spoil(main[at], rng.randrange(4))
    write(os.path.join(folder, "statement.csv"), main)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sample", metavar="DIR")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("file", nargs="?")
    args = parser.parse_args()
    if args.sample:
        sample(args.sample)
    elif args.rows and args.file:
        bench = rows(args.rows, BENCH_DAYS, args.seed, BENCH_PREFIX)
        write(args.file, (quoted(row) for row in bench))
    else:
        parser.print_usage(sys.stderr)
        return 64
    return 0


if __name__ == "__main__":
    sys.exit(main())
