# Completion of gyre's command line, for bash.
_gyre()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local engine="--threads --partitions --memory-limit --huge-pages --topology --progress --quiet --help"
    local load="--format-in --column --schema --reject-limit --rejects"
    local limits="--timeout --row-limit --spill-limit --spill-directory"
    local command=${COMP_WORDS[1]} option=$before options=""
    COMPREPLY=()

    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "query shell info topology generate help --help --version" -- "$word"))
        return
    fi

    # `--name=value` arrives as three words.
    if [ "$word" = "=" ]; then
        word=""
    elif [ "$before" = "=" ]; then
        option=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case "$option" in
    --format | -f)
        case "$command" in
        query | shell) COMPREPLY=($(compgen -W "table csv json jsonl" -- "$word")) ;;
        info) COMPREPLY=($(compgen -W "table json schema" -- "$word")) ;;
        *) COMPREPLY=($(compgen -W "table json" -- "$word")) ;;
        esac
        return
        ;;
    --format-in)
        COMPREPLY=($(compgen -W "argus zeek suricata nfdump aws cicflowmeter edges csv" -- "$word"))
        return
        ;;
    --huge-pages)
        COMPREPLY=($(compgen -W "auto thp explicit never" -- "$word"))
        return
        ;;
    --progress)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
    esac

    case "$command" in
    query)
        options="--format --output --stats --explain --profile --param --param-lines $limits $engine $load"
        ;;
    shell) options="--format --param --param-lines $limits $engine $load" ;;
    info) options="--format $engine $load" ;;
    topology) options="--format --verify $engine" ;;
    generate)
        options="--flows --seed --addresses --span --cycles --cycle-length --cycles-output"
        options="$options --output --quiet --help"
        ;;
    help)
        COMPREPLY=($(compgen -W "query shell info topology generate" -- "$word"))
        return
        ;;
    esac
    case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    @*) COMPREPLY=($(compgen -P @ -f -- "${word#@}")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _gyre gyre
