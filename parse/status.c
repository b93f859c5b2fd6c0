#include "status.h"

#include "mem.h"
#include "words.h"

#define STATUS_TEXT_MAX 48

static const char booked[] =
	"|completed|complete|posted|booked|cleared|settled|processed|executed|success|successful|"
	"succeeded|ok|done|paid|refunded|partially refunded|approved|"
	"gebucht|umsatz gebucht|verbucht|abgerechnet|ausgefuhrt|berechnet|erledigt|"
	"comptabilise|comptabilisee|execute|executee|effectue|effectuee|valide|validee|termine|"
	"contabilizado|contabilizada|realizado|realizada|ejecutado|ejecutada|completado|"
	"completada|efetuado|efetuada|concluido|concluida|liquidado|liquidada|"
	"contabilizzato|contabilizzata|eseguito|eseguita|completato|"
	"geboekt|verwerkt|uitgevoerd|voltooid|"
	"bokford|bokfort|genomford|utford|udfort|gennemfort|bogfort|utfort|kirjattu|toteutunut|"
	"zaksiegowano|zaksiegowana|zaksiegowany|wykonana|wykonano|zrealizowana|zrealizowano|"
	"rozliczona|rozliczono|zauctovano|zauctovana|provedeno|provedena|zuctovane|"
	"konyvelt|konyvelve|teljesult|finalizat|finalizata|decontat|decontata|procesat|"
	"ivykdyta|ivykdytas|"
	"исполнен|исполнено|выполнен|выполнено|проведен|проведено|успешно|завершено|"
	"交易成功|支付成功|已完成|成功|已全额退款|已转账|已收钱|已存入零钱|提现已到账|"
	"对方已收钱|朋友已收钱|还款成功|退款成功|已入账|בוצע|gerceklesti|tamamlandi|"
	"onaylandi|สำเร็จ|";

static const char pending[] =
	"|pending|w toku|offen|vorgemerkt|umsatz vorgemerkt|vorgemerkter umsatz|ausstehend|in "
	"bearbeitung|"
	"authorised|authorized|authorisation|authorization|not posted|unposted|on hold|"
	"hold|processing|in process|in progress|scheduled|upcoming|reserved|"
	"en attente|en cours|a venir|pendiente|retenido|retenida|en proceso|pendente|"
	"em processamento|in sospeso|in attesa|prenotato|prenotata|non contabilizzato|non "
	"contabilizzata|autorizzato|"
	"in behandeling|gereserveerd|"
	"reserverat|reserverad|reserveret|reservert|venter|afventer|pa vent|odottaa|varaus|"
	"oczekuje|oczekujaca|oczekujacy|w realizacji|nierozliczona|nierozliczono|zablokowana|"
	"blokada|ceka|cekajici|nezauctovano|nezauctovana|blokace|"
	"fuggoben|zarolt|konyveletlen|in asteptare|in curs|rezervuota|laukiama|"
	"в обработке|ожидает|ожидается|авторизация|холд|"
	"处理中|待处理|在途|等待付款|待入账|保留中|ממתין|beklemede|provizyon|";

static const char not_done[] =
	"|failed|failure|declined|rejected|reverted|cancelled|canceled|voided|void|expired|denied|"
	"refused|unsuccessful|insufficient funds|"
	"abgelehnt|storniert|fehlgeschlagen|abgebrochen|"
	"annule|annulee|refuse|refusee|echoue|echouee|rejete|rejetee|"
	"rechazado|rechazada|anulado|anulada|cancelado|cancelada|fallido|fallida|recusado|recusada|"
	"rifiutato|rifiutata|annullato|annullata|"
	"geweigerd|geannuleerd|mislukt|avvisad|avbruten|annullerad|afvist|annulleret|avvist|"
	"kansellert|hylatty|peruttu|"
	"odrzucona|odrzucono|anulowana|anulowano|zamitnuto|zamitnuta|zruseno|zrusena|"
	"elutasitva|sikertelen|respins|respinsa|anulat|anulata|atmesta|atsaukta|"
	"отклонен|отклонено|отклонена|отменен|отменено|отменена|неуспешно|ошибка|"
	"交易关闭|已关闭|失败|交易失败|支付失败|已取消|已撤销|נדחה|בוטל|reddedildi|iptal|iptal "
	"edildi|basarisiz|ไม่สำเร็จ|";

enum status status_of(struct span text)
{
	char folded[STATUS_TEXT_MAX];
	struct span word;

	text = span_trim(text);
	if (text.len < 2 || text.len > sizeof(folded))
		return STATUS_NONE;
	word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	if (word.len < 2)
		return STATUS_NONE;
	if (words_listed(booked, word))
		return STATUS_BOOKED;
	if (words_listed(pending, word))
		return STATUS_PENDING;
	return words_listed(not_done, word) ? STATUS_VOID : STATUS_NONE;
}

int status_answer(struct span text)
{
	static const char yes[] = "|ja|yes|true|y|oui|si|sim|tak|ano|kylla|igen|da|да|";
	static const char no[] = "|nein|no|false|n|non|nao|nie|ne|nej|nei|nee|ei|nem|nu|нет|";
	char folded[STATUS_TEXT_MAX];
	struct span word;

	if (text.len == 0 || text.len > 8)
		return 0;
	word = span_of(folded, words_fold(text, folded, sizeof(folded)));
	if (word.len == 0)
		return 0;
	return words_listed(yes, word) ? 1 : words_listed(no, word) ? -1 : 0;
}

#define TITLE_WORDS 5 /* of a title; notes in sentences have more */

/* The next word of a folded text; empty at its end. */
static struct span next_word(struct span *rest)
{
	const char *blank = memchr(rest->at, ' ', rest->len);
	struct span word = span_of(rest->at, blank ? (size_t)(blank - rest->at) : rest->len);
	size_t taken = word.len + (blank != NULL);

	*rest = span_of(rest->at + taken, rest->len - taken);
	return word;
}

enum status status_title(struct span line)
{
	static const char waiting[] =
		"|pending|vorgemerkte|vorgemerkt|ausstehende|attente|venir|pendientes|pendentes|"
		"sospeso|reserverade|reserverede|reserverte|authorisations|authorizations|"
		"scheduled|upcoming|future|planned|geplante|terminierte|programados|programadas|"
		"programmees|aankomende|geplande|kommande|kommende|zaplanowane|planovane|"
		"authorised|authorized|unposted|oczekujace|cekajici|gereserveerd|";
	static const char done[] =
		"|posted|booked|cleared|settled|completed|gebuchte|comptabilisees|contabilizados|"
		"contabilizadas|contabilizzati|bokforda|bogforte|bokforte|zaksiegowane|"
		"zauctovane|transactions|movements|umsatze|buchungen|operations|movimientos|"
		"operaciones|movimenti|transaktioner|transacties|";
	/* a sentence about them, or a sum, is no title */
	static const char other[] = "|no|not|non|nicht|keine|includes|including|excluding|balance|"
				    "total|amount|saldo|summe|";
	enum status status = STATUS_NONE;
	char folded[STATUS_TEXT_MAX];
	struct span rest;

	line = span_trim(line);
	if (line.len > sizeof(folded))
		return STATUS_NONE;
	rest = span_of(folded, words_fold(line, folded, sizeof(folded)));
	for (int n = 0; rest.len > 0; n++) {
		struct span word = next_word(&rest);

		if (n == TITLE_WORDS || words_listed(other, word) ||
		    (word.at[0] >= '0' && word.at[0] <= '9'))
			return STATUS_NONE;
		if (words_listed(waiting, word))
			status = STATUS_PENDING;
		else if (status == STATUS_NONE && words_listed(done, word))
			status = STATUS_BOOKED;
	}
	return status;
}
