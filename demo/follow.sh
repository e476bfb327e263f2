# Follow the demo by hand. `make run` in one terminal; in another, at the root of the checkout, `. demo/follow.sh`.
# Then paste any line of the transcript that begins with `enter` or `ask`.

# enter ADDRESS: sign in with a belajar.id account (a convenience of RENCANA_ENV=dev)
enter() {
    TOKEN=$(curl -s http://127.0.0.1:8001/dev/token -H 'content-type: application/json' \
        -d "{\"email\": \"$1\"}" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    [ -n "$TOKEN" ] && echo "signed in as $1" || echo "could not sign in as $1 (is \`make run\` running?)" >&2
}

# enter_client CLIENT_ID CLIENT_SECRET: a token for a machine, as `rencana clients register` has shown both
enter_client() {
    TOKEN=$(curl -s http://127.0.0.1:8001/token -u "$1:$2" -d grant_type=client_credentials |
        sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    [ -n "$TOKEN" ] && echo "signed in as client $1" || echo "could not sign in as client $1" >&2
}

# ask web/OPERATION name=value…: send a document of graphql/operations; the plan in its answer becomes $PLAN.
# Answers are in Indonesian; after ANSWERS=en in English.
ask() {
    ANSWER=$(curl -s http://127.0.0.1:8000/graphql -H "authorization: Bearer $TOKEN" \
        -H 'content-type: application/json' -H "accept-language: ${ANSWERS:-id}" \
        -d "$(.venv/bin/python -m demo.request "$@")")
    FOUND=$(printf '%s' "$ANSWER" | sed -n 's/.*[{,]"id":"\(UGxhb[^"]*\)".*/\1/p')
    PLAN=${FOUND:-$PLAN}
    printf '%s' "$ANSWER" | .venv/bin/python -m json.tool --no-ensure-ascii
}
