#include "money.h"

#include <inttypes.h>
#include <stdio.h>

/* ISO 4217:2015, list one, as amended; codes with two digits after the point. */
static const char two[] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV "
			  "BRL BSD BTN BWP BYN "
			  "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP "
			  "ERN ETB EUR FJD FKP "
			  "GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES "
			  "KGS KHR KPW KYD KZT "
			  "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
			  "MYR MZN NAD NGN NIO "
			  "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
			  "SGD SHP SLE SLL SOS "
			  "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU "
			  "UZS VED VES WST XCD "
			  "XCG YER ZAR ZMW ZWG ZWL";
static const char zero[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
static const char four[] = "CLF UYW";

static bool lists(const char *codes, const char *code)
{
	for (const char *at = codes; *at; at += at[3] ? 4 : 3) {
		if (memcmp(at, code, 3) == 0)
			return true;
	}
	return false;
}

int money_exponent(const char *currency)
{
	if (strlen(currency) != 3)
		return -1;
	if (lists(two, currency))
		return 2;
	if (lists(zero, currency))
		return 0;
	if (lists(three, currency))
		return 3;
	return lists(four, currency) ? 4 : -1;
}

void money_text(int64_t minor, const char *currency, char out[MONEY_TEXT_SIZE])
{
	static const uint64_t scales[] = {1, 10, 100, 1000, 10000};
	int exponent = money_exponent(currency);
	uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
	const char *sign = minor < 0 ? "-" : "";

	if (exponent < 0 || exponent > 4)
		exponent = 2;
	if (exponent == 0)
		snprintf(out, MONEY_TEXT_SIZE, "%s%" PRIu64, sign, size);
	else
		snprintf(out, MONEY_TEXT_SIZE, "%s%" PRIu64 ".%0*" PRIu64, sign,
			 size / scales[exponent], exponent, size % scales[exponent]);
}
