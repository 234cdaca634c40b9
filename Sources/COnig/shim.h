#include <oniguruma.h>
#include <stddef.h>

// The encoding and the syntax are global variables behind macros, and the message takes variable arguments: Swift
// imports none of them.
static inline int bellm_onig_start(void) {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    return onig_initialize(encodings, 1);
}

// As the onig crate's Regex::new, through which the tokenizers library compiles: no options, the default syntax.
// message has room for ONIG_MAX_ERROR_MESSAGE_LEN bytes and the zero behind them.
static inline int bellm_onig_new(OnigRegex *regex, const OnigUChar *pattern, size_t count, OnigUChar *message) {
    OnigErrorInfo info = {0};
    int code =
        onig_new(regex, pattern, pattern + count, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
    int length = code == ONIG_NORMAL ? 0 : onig_error_code_to_str(message, code, &info);
    message[length] = 0;
    return code;
}

static inline int bellm_onig_message(int code, OnigUChar *message) {
    int length = onig_error_code_to_str(message, code);
    message[length] = 0;
    return length;
}

static inline int bellm_onig_message_room(void) { return ONIG_MAX_ERROR_MESSAGE_LEN + 1; }
