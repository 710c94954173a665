"""Which whole replies mean that there is no answer."""

# The sentences of other languages are meant.
# ruff: noqa: RUF001

import re
from collections.abc import Callable
from functools import cache

from modellab.core.text.blank import is_blank
from modellab.core.text.words import words

#: longer texts are answers
_LONGEST = 2000
_SENTENCE_END = re.compile(r"(?<=[.!?。！？।])\s+|\n+")
#: whole sentences of models and data sets, besides those that `_ENGLISH` matches
# fmt: off
_SENTENCES = (
    "No answer", "Unanswerable", "Not answerable", "Not sure", "N/A", "CANNOTANSWER", "NOANSWER",
    "Das steht nicht in den Dokumenten", "Die Dokumente sagen es nicht", "Das weiß ich nicht",
    "Ich weiß es nicht", "Weiß ich nicht", "Keine Ahnung", "Keine Antwort", "Keine Angabe",
    "Nicht angegeben", "Das kann ich nicht beantworten",
    "Die Frage kann nicht beantwortet werden", "Das geht aus den Dokumenten nicht hervor",
    "Die Dokumente enthalten keine Antwort", "Die Dokumente enthalten keine Informationen dazu",
    "Je ne sais pas", "Je ne peux pas répondre", "Je ne peux pas répondre à cette question",
    "Pas de réponse", "Aucune réponse", "Non précisé", "Les documents ne le disent pas",
    "La réponse n'est pas dans les documents", "Cette information n'est pas dans les documents",
    "No lo sé", "No sé", "No sé la respuesta", "No puedo responder", "Sin respuesta",
    "No puedo responder a esta pregunta", "No se menciona", "No se menciona en el documento",
    "Los documentos no lo dicen", "La respuesta no está en los documentos",
    "Não sei", "Eu não sei", "Não sei a resposta", "Sem resposta", "Os documentos não dizem",
    "Não posso responder a esta pergunta",
    "Non lo so", "Non so", "Nessuna risposta", "I documenti non lo dicono",
    "Non posso rispondere a questa domanda",
    "Ik weet het niet", "Geen antwoord", "De documenten zeggen het niet",
    "Nie wiem", "Brak odpowiedzi", "Не знаю", "Я не знаю", "Нет ответа",
    "В документах об этом не говорится", "В документах нет ответа",
    "Bilmiyorum", "Cevap yok", "لا أعرف", "لا أعلم", "لا توجد إجابة", "मुझे नहीं पता।", "पता नहीं",
    "不知道。", "我不知道。", "不清楚。", "我不清楚。", "不确定。", "没有答案。", "無答案。",
    "无法回答。", "無法回答。", "我无法回答。", "我无法回答这个问题。", "无法回答该问题。",
    "无法确定。",
    "根据文档无法回答。", "根据提供的信息无法回答。", "抱歉，我不知道。",
    "未提及。", "文中未提及。", "文档中未提及。", "文档中没有提到。", "文档中没有相关信息。",
    "文檔中沒有提到。",
    "알 수 없습니다", "모르겠습니다", "잘 모르겠습니다", "몰라요", "답변할 수 없습니다",
    "답을 찾을 수 없습니다",
    "문서에 나와 있지 않습니다", "문서에 없습니다",
    "わかりません。", "分かりません。", "わからない。", "分からない。", "知りません。",
    "回答できません。", "お答えできません。", "答えられません。", "資料に記載がありません。",
    "記載がありません。",
    "記載なし。", "文書には記載されていません。", "ไม่ทราบ", "ฉันไม่ทราบ", "ไม่รู้",
)
# fmt: on
_SOURCE = (
    "(?:(?:the|this|these|any of the|your) )?(?:(?:provided|given|retrieved|available|above) )?"
    "(?:documents?|contexts?|passages?|texts?|sources?|paragraphs?|articles?|excerpts?|materials?"
    "|information)(?: (?:provided|given|above))?"
)
_FOR_QUESTION = "(?: (?:to|for) (?:answer(?:ing)? )?(?:it|(?:this|the|your) question))?"
_KNOWLEDGE = "(?:answer|information|details?|data|context)"
_WANTED = (
    "(?:it|so|this|that|(?:this|the|your) question"
    f"|(?:(?:the|an|any|enough|sufficient|this|that|relevant|specific) ){{0,2}}{_KNOWLEDGE}"
    f"{_FOR_QUESTION})"
)
_SAY = "(?:say|state|mention|specify|contain|provide|include|give|answer|have|tell|indicate)"
_SAID = (
    "(?:stated|mentioned|specified|provided|given|available|found|known|answered|answerable"
    "|determined|included|contained|present|indicated)"
)
#: of a pronoun: a shop says `it is not available` of what it is asked for
_STATED = "(?:stated|mentioned|specified|answerable)"
_SUBJECT = "(?:(?:the|this|that|your) )?(?:answer|information|question)"
_IN_SOURCE = f"(?:in|from|by|with|based on|using|given) {_SOURCE}"
#: what the missing information is about; a sentence that goes on with `but` has an answer
_WORD = r"(?!(?:but|however|although|except|only)\b)[^\d ]+"
_THING = f"{_WORD}(?: {_WORD}){{0,19}}"
_ABOUT = f"(?: (?:about|on|of|for|regarding|concerning) {_THING})?"
_OPENING = (
    "(?:(?:final )?answer|sorry|i am sorry(?: but)?|unfortunately"
    f"|(?:based on|according to|from) {_SOURCE})"
)
_FORMS = (
    f"{_SOURCE} (?:do|does|did) not {_SAY}(?: {_WANTED}| {_THING})?",
    f"(?:(?:it|this|that) (?:is|was) )?not {_STATED}(?: {_IN_SOURCE})?",
    f"(?:(?:it|this|that) (?:is|was) )?not {_SAID} {_IN_SOURCE}",
    f"{_SUBJECT} (?:(?:is|was|can|could) )?not (?:be )?{_SAID}(?: {_IN_SOURCE})?",
    f"{_WANTED} is not in {_SOURCE}",
    f"(?:there is |i have )?(?:no|not enough|insufficient) (?:mention|{_KNOWLEDGE})"
    f"{_FOR_QUESTION}(?: is {_SAID})?{_ABOUT}(?: {_IN_SOURCE})?",
    f"(?:there is not|i do not have) (?:an|any|enough|sufficient) {_KNOWLEDGE}"
    f"{_FOR_QUESTION}{_ABOUT}(?: {_IN_SOURCE})?",
    "i (?:can not|could not|am unable to|am not able to) "
    f"(?:answer|determine|find|say|tell|provide)(?: {_WANTED}{_ABOUT})?(?: {_IN_SOURCE})?",
    "i (?:do not know(?: the answer)?|am not sure)",
)
#: the words of a sentence in lower case, without contractions
_ENGLISH = re.compile(f"(?:{_OPENING} )*(?:{'|'.join(_FORMS)})")


@cache
def abstention_test(no_answer: str, others: tuple[str, ...] | None = None) -> Callable[[str], bool]:
    """The test whether a whole text is an abstention, ignoring case and punctuation.

    Args:
        no_answer: The sentence that the prompt asks for.
        others: Sentences that mean the same; None: the usual ones in English and other languages.
    """
    given = (no_answer, *(_SENTENCES if others is None else others))
    sentences = {tuple(words(sentence)) for sentence in given}

    def is_abstention(sentence: tuple[str, ...]) -> bool:
        return sentence in sentences or (others is None and _is_english(" ".join(sentence)))

    def abstains(text: str) -> bool:
        if len(text) > _LONGEST:
            return False
        if is_blank(text) or tuple(words(text)) in sentences:
            return True
        parts = [tuple(words(part)) for part in _SENTENCE_END.split(text)]
        return any(parts) and all(map(is_abstention, filter(None, parts)))

    return abstains


def _is_english(sentence: str) -> bool:
    sentence = re.sub(r"\b(do|does|did|is|are|was|were|could)n t\b", r"\1 not", sentence)
    sentence = re.sub(r"\bcan t\b|\bcannot\b", "can not", sentence)
    return bool(_ENGLISH.fullmatch(re.sub(r"\bi m\b", "i am", sentence)))
