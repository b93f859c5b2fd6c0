#include "money.h"

#include <stdio.h>
#include <stdlib.h>

#include "mem.h"

/* Codes without minor units of their own (gold, drawing rights, "no currency") are left out. */
static const char currencies[][5] = {
	"AED2", "AFN2", "ALL2", "AMD2", "ANG2", "AOA2", "ARS2", "AUD2", "AWG2", "AZN2", "BAM2",
	"BBD2", "BDT2", "BGN2", "BHD3", "BIF0", "BMD2", "BND2", "BOB2", "BOV2", "BRL2", "BSD2",
	"BTN2", "BWP2", "BYN2", "BYR0", "BZD2", "CAD2", "CDF2", "CHE2", "CHF2", "CHW2", "CLF4",
	"CLP0", "CNY2", "COP2", "COU2", "CRC2", "CUC2", "CUP2", "CVE2", "CZK2", "DJF0", "DKK2",
	"DOP2", "DZD2", "EGP2", "ERN2", "ETB2", "EUR2", "FJD2", "FKP2", "GBP2", "GEL2", "GHS2",
	"GIP2", "GMD2", "GNF0", "GTQ2", "GYD2", "HKD2", "HNL2", "HRK2", "HTG2", "HUF2", "IDR2",
	"ILS2", "INR2", "IQD3", "IRR2", "ISK0", "JMD2", "JOD3", "JPY0", "KES2", "KGS2", "KHR2",
	"KMF0", "KPW2", "KRW0", "KWD3", "KYD2", "KZT2", "LAK2", "LBP2", "LKR2", "LRD2", "LSL2",
	"LYD3", "MAD2", "MDL2", "MGA2", "MKD2", "MMK2", "MNT2", "MOP2", "MRO2", "MRU2", "MUR2",
	"MVR2", "MWK2", "MXN2", "MXV2", "MYR2", "MZN2", "NAD2", "NGN2", "NIO2", "NOK2", "NPR2",
	"NZD2", "OMR3", "PAB2", "PEN2", "PGK2", "PHP2", "PKR2", "PLN2", "PYG0", "QAR2", "RON2",
	"RSD2", "RUB2", "RWF0", "SAR2", "SBD2", "SCR2", "SDG2", "SEK2", "SGD2", "SHP2", "SLE2",
	"SLL2", "SOS2", "SRD2", "SSP2", "STD2", "STN2", "SVC2", "SYP2", "SZL2", "THB2", "TJS2",
	"TMT2", "TND3", "TOP2", "TRY2", "TTD2", "TWD2", "TZS2", "UAH2", "UGX0", "USD2", "USN2",
	"UYI0", "UYU2", "UYW4", "UZS2", "VED2", "VEF2", "VES2", "VND0", "VUV0", "WST2", "XAF0",
	"XCD2", "XCG2", "XOF0", "XPF0", "YER2", "ZAR2", "ZMW2", "ZWG2", "ZWL2",
};

static int currency_compare(const void *key, const void *entry)
{
	return memcmp(key, entry, 3);
}

int money_exponent(const char *currency)
{
	const char *found;

	if (strnlen(currency, CURRENCY_SIZE) != 3)
		return -1;
	found = bsearch(currency, currencies, ARRAY_LEN(currencies), sizeof currencies[0],
			currency_compare);
	return found ? found[3] - '0' : -1;
}

void money_text(int64_t minor, const char *currency, char out[MONEY_TEXT_SIZE])
{
	int exponent = money_exponent(currency);
	uint64_t rest = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	char *end = &out[MONEY_TEXT_SIZE - 1], *at = end;
	int digits = 0;

	if (exponent < 0)
		exponent = 2;
	*at = '\0';
	while (rest > 0 || digits <= exponent) {
		if (digits == exponent && digits > 0)
			*--at = '.';
		*--at = (char)('0' + rest % 10);
		rest /= 10;
		digits++;
	}
	if (minor < 0)
		*--at = '-';
	memmove(out, at, (size_t)(end - at) + 1);
}

int64_t money_minor(struct span text, const char *currency)
{
	int exponent = money_exponent(currency), decimals = -1;
	bool negative = text.len > 0 && text.at[0] == '-';
	int64_t value = 0;

	exponent = exponent < 0 ? 2 : exponent;
	for (size_t i = negative; i < text.len && i < 18; i++) {
		if (text.at[i] == '.' && decimals < 0) {
			decimals = 0;
		} else if (text.at[i] >= '0' && text.at[i] <= '9' && decimals < exponent) {
			value = value * 10 + (text.at[i] - '0');
			decimals += decimals >= 0;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < exponent; decimals++)
		value *= 10;
	return negative ? -value : value;
}
