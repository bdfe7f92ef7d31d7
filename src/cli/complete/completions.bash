_switchback() {
    local value
    COMPREPLY=()
    # After a tab stands what it is.
    while IFS=$'\t' read -r value _; do
        printf -v value %q "$value"
        COMPREPLY+=( "$value" )
    done < <(
        SWITCHBACK_COMPLETE=bash SWITCHBACK_COMPLETE_LINE="${COMP_LINE:0:COMP_POINT}" \
            PROGRAM -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null
    )
    # What is to be gone on with gets no space. The bash of macOS cannot be told so.
    if [[ ${COMPREPLY-} == *[=:/] ]]; then compopt -o nospace 2>/dev/null; fi
}
# The order is that of the runbook, where bash is new enough to keep it.
complete -o bashdefault -o nosort -F _switchback switchback 2>/dev/null ||
    complete -o bashdefault -F _switchback switchback
