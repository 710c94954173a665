"""The wordings in which servers and APIs refuse a request, by what they mean."""

import re


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TOO_LONG = _any_of(
    r"context[ _](length|window|size|limit)|maximum context|context shift is disabled|n_ctx",
    r"(prompt|input|content|message)s?( \([^)]*\))? (is|are|was) too long|too many tokens",
    r"prompt( tokens)?[ _]too[ _]long|max_(seq_len|model_len|num_tokens)|max message tokens",
    r"input[ _](token count is|length_error)|tokens_limit_reached|max input characters",
    r"input tokens( \d+)? (cannot|must)|exceeds (the maximum number of tokens|the model's limit)",
    r"this model's maximum length",
    r"string too long|longer than the (maximum )?model|input is too large|requested token count",
    r"(token count|input length|prompt length|(?<!_)tokens\)?) (\([^)]*\) |of )?(\d+ )?exceeds? ",
    r"prompt exceeds|exceeded model token limit|range of input length|maxlength: \d+, actual",
    r"max(imum)? (supported )?(prompt|sequence|input) length",
    r"reduce (the length|your (message|prompt))",
    r"must have less than \d+ tokens|max_new_tokens.{0,10}must be <=",
    r"max_tokens must be at least 1, got -",
    r"(sequence|input) length exceeds|context_?window|prompts? with up to \d+ tokens",
    "最大长度|超长|输入长度|输入过长",
)
#: about the limit of an answer, whatever the prompt is
ANSWER_LIMIT = _any_of("maximum value for `?max_", r"max_tokens\b.{0,20}exceeds")
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
    r"no such model|unexpected endpoint|not a chat model|non-serverless model",
    r"model( \S{1,99})? is not supported( by|$)|could not load model|provider not provided",
    r"deployment.{0,30}does not exist",
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
    r"^unauthori[sz]ed|unauthenticated|authentication fail|a valid api[ _-]?key|invalid token$",
)
#: a reasoning model has used all its tokens: OpenAI sends an error in place of the empty answer
OUT_OF_TOKENS = _any_of("could not finish the message because max_tokens")
#: transient, though servers respond with the status of a bad request
BUSY = _any_of(
    r"overloaded|try again later|at capacity|temporarily unavailable|currently loading",
    r"model (has )?(been )?(unloaded|crashed)|too busy|(server|service) is busy",
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
    r"not implemented|unimplemented|not enabled|too many|must contain|explicitly|failed to",
    r"not permitted|not allowed|not valid|invalid|not accept|must be|too (large|small|high|low)",
    r"at most|only the default|extra (input|field)|out of range|less than|greater than|should be",
    r"cannot|can only|may only|incompatible|mutually exclusive",
    r"between \S+ and|range|unavailable|maximum",
)
#: further words for parameters in refusals
ALIASES = {
    "response_format": "response_format|json[_ ](schema|mode)|output_format|grammar"
    "|structured outputs?",
    "stop": "stop|stop[_ ]sequences?",
    "max_tokens": "max_?(output_?)?tokens",
    "think": "think(ing)?",
    "format": "format|json schema",
}
