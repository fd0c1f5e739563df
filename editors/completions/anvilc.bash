# bash completion of anvilc; install as /usr/share/bash-completion/completions/anvilc

_anvilc() {
    local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" options=""
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "check explain recheck emit run fmt lsp" -- "$word"))
        return
    fi
    case "${COMP_WORDS[1]}:$previous" in
        check:--format)
            COMPREPLY=($(compgen -W "text json sarif" -- "$word"))
            return
            ;;
        check:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$word"))
            return
            ;;
        recheck:--solver)
            COMPREPLY=($(compgen -W "cvc5 z3" -- "$word"))
            return
            ;;
        emit:--target)
            COMPREPLY=($(compgen -W "ast typed core c llvm asm obj so" -- "$word"))
            return
            ;;
        run:--executor)
            COMPREPLY=($(compgen -W "interp c jit" -- "$word"))
            return
            ;;
    esac
    case "${COMP_WORDS[1]}" in
        check) options="-h --help --interface --budget --format --fix --strict --certificate --color" ;;
        explain) options="-h --help" ;;
        recheck) options="-h --help --solver" ;;
        emit) options="-h --help --interface --budget --target -o --output" ;;
        run) options="-h --help --interface --budget --executor --update" ;;
        fmt) options="-h --help --check" ;;
        lsp) options="-h --help --interface" ;;
    esac
    if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); fi
}

complete -o default -F _anvilc anvilc
