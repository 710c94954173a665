"""The wordings in which servers and APIs refuse a request, by what they mean."""

import re


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TOO_LONG = _any_of(
    r"context[ _](length|window|size|limit)|maximum context|context shift is disabled",
    r"(prompt|input|content|message)s? (is|are|was) too long|prompt too long|too many tokens",
    r"string too long|longer than the (maximum )?model|input is too large|requested token count",
    r"(token count|input length|prompt length|(?<!_)tokens\)?) (\([^)]*\) |of )?(\d+ )?exceeds? ",
    r"prompt exceeds|exceeded model token limit|range of input length|maxlength: \d+, actual",
    r"max(imum)? (prompt|sequence|input) length|reduce (the length|your (message|prompt))",
    r"must have less than \d+ tokens|max_new_tokens.{0,10}must be <=",
    r"max_tokens must be at least 1, got -|exceeds? the model'?s? limit of \d+ tokens",
    r"(sequence|input) length exceeds|context_?window|prompts? with up to \d+ tokens",
    "最大长度|超长",
)
#: about the limit of an answer, whatever the prompt is
ANSWER_LIMIT = _any_of("maximum value for `?max_")
#: never accepted, though servers respond with the status of a rate limit
REQUEST_TOO_LARGE = _any_of("request too large")
FILTERED = _any_of(
    r"content[ _-]?(filter|policy|management)|moderation|data_inspection_failed|safety[ _]system",
    r"guardrail|responsibleai|jailbreak|flagged (as|for|by)|usage (policy|policies|guidelines)",
    r"content exists risk|inappropriate content|high risk|safety_check|敏感内容",
)
UNKNOWN_MODEL = _any_of(
    r"model_not_found|not a valid model|model not exist|model identifier is invalid",
    r"unknown model|invalid model|no models? (is )?loaded|has been decommissioned",
    r"model\W.{0,80}?(does not exist|not found|not loaded|is not available)",
    r"no such model|unexpected endpoint",
)
NO_MONEY = _any_of(
    r"insufficient[ _](quota|balance|credits?|funds)|credit balance|out of credits",
    r"payment required|billing hard limit|budget has been exceeded|余额不足|欠费",
    r"(key|credit|spend|spending|usage) limit (exceeded|reached)|used all available credits",
    r"reached (your|its|the) .{0,40}(usage|spend(ing)?) limits?|arrearage",
    r"free ?tier.{0,40}exhausted",
)
#: exhausted for good, or for a minute
NO_QUOTA = _any_of(r"exceeded your current quota|billing")
WRONG_KEY = _any_of(
    r"api[ _-]?key.{0,40}(not valid|invalid|incorrect|expired|not found|missing|required|wrong)",
    r"(incorrect|invalid|expired|missing|no)[ _](x-)?api[ _-]?key|location is not supported",
    r"^unauthori[sz]ed|unauthenticated",
)
#: transient, though servers respond with the status of a bad request
BUSY = _any_of(
    r"overloaded|try again later|at capacity|temporarily unavailable|currently loading",
    r"model (has )?(been )?(unloaded|crashed)",
)
NO_SYSTEM = _any_of(
    r"(not|n't) support (the )?system|role.{0,30}(not|n't) support .?system",
    r"invalid role.{0,25}system|first message must (be|have).{0,10}user",
    r"system[ _-]?(role|message|prompt|instruction)s?\b.{0,60}?(not|n't|un)[ _-]?(be )?"
    r"(support|allow|enabled|accept|valid)|developer instruction is not enabled",
    r"roles? must alternate|only (the )?user and assistant roles",
    r"role.{0,30}system.{0,30}(not|un|in)[ _-]?(support|allow|valid|accept)",
    r"(unexpected|invalid|unknown|unsupported) role.{0,5}system|valid role: ?.?user",
    r"system.{0,20} (is not one of|found using .?role|does not match)",
)
ONLY_STREAMS = _any_of(
    r"non-?stream|only supports? (the )?stream|stream.{0,40}(must|required|only|true)",
    r"(must|requires?|only).{0,40}stream|stream\W{0,4}false|streaming is (strongly )?recommended",
)
REFUSES = _any_of(
    r"not (yet )?support|n.t support|unsupported|deprecat|unknown|unrecogni[sz]ed|unexpected",
    r"not implemented|not enabled|too many|must contain|explicitly|failed to",
    r"not permitted|not allowed|not valid|invalid|not accept|must be|too (large|small|high|low)",
    r"at most|only the default|extra (input|field)|out of range|less than|greater than|should be",
    r"cannot|can only|may only|incompatible|mutually exclusive",
    r"between \S+ and|range|unavailable|maximum",
)
#: further words for parameters in refusals
ALIASES = {
    "response_format": "response_format|json[_ ]schema|output_format|structured outputs?|grammar",
    "stop": "stop|stop[_ ]sequences?",
    "max_tokens": "max_(output_)?tokens",
    "think": "think(ing)?",
    "format": "format|json schema",
}
