# Shell functions that send the requests of the demo. Run `make run` in one terminal. In another one, at the root of
# the checkout, run `. demo/shell.sh`, then paste lines of the transcript that begin with `sign_in` or `send`.

# sign_in EMAIL: get a token for a belajar.id account (with RENCANA_ENV=dev only)
sign_in() {
    TOKEN=$(curl -s http://127.0.0.1:8001/dev/token -H 'content-type: application/json' \
        -d "{\"email\": \"$1\"}" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    [ -n "$TOKEN" ] && echo "signed in as $1" || echo "could not sign in as $1 (is \`make run\` running?)" >&2
}

# sign_in_client CLIENT_ID CLIENT_SECRET: get a token for a machine; `rencana clients register` prints both
sign_in_client() {
    TOKEN=$(curl -s http://127.0.0.1:8001/token -u "$1:$2" -d grant_type=client_credentials |
        sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    [ -n "$TOKEN" ] && echo "signed in as client $1" || echo "could not sign in as client $1" >&2
}

# send web/OPERATION name=value…: send a document of graphql/operations and print the answer. $PLAN becomes the id of
# the plan in it. Answers are in Indonesian, with ANSWER_LANGUAGE=en in English.
send() {
    ANSWER=$(curl -s http://127.0.0.1:8000/graphql -H "authorization: Bearer $TOKEN" \
        -H 'content-type: application/json' -H "accept-language: ${ANSWER_LANGUAGE:-id}" \
        -d "$(.venv/bin/python -m demo.request "$@")")
    PLAN_ID=$(printf '%s' "$ANSWER" | sed -n 's/.*[{,]"id":"\(UGxhbjo[^"]*\)".*/\1/p')
    PLAN=${PLAN_ID:-$PLAN}
    printf '%s' "$ANSWER" | .venv/bin/python -m json.tool --no-ensure-ascii
}
