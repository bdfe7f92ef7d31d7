#compdef switchback
_switchback() {
    local line value about
    # What is to be gone on with gets no space.
    local -a open whole
    for line in "${(@f)$(SWITCHBACK_COMPLETE=zsh PROGRAM -- "${(@)words[1,CURRENT]}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        about=${line#*$'\t'}
        line=${value//:/\\:}${about:+:$about}
        if [[ $value == *[=:/] ]]; then open+=("$line"); elif [[ -n $value ]]; then whole+=("$line"); fi
    done
    (( $#open )) && _describe -V 'values' open -S ''
    (( $#whole )) && _describe -V 'values' whole
}
compdef _switchback switchback
