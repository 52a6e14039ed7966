# Arithmetic, case, functions, and words of a text in variables; no commands but the shell's own.
classify() {
  case $1 in
    *re*sa* | *sa*re*) kind=both ;;
    *re*) kind=re ;;
    *sa*) kind=sa ;;
    *) kind=none ;;
  esac
}

both=0 re=0 sa=0 none=0 words=0
while read -r line; do
  for word in $line; do
    classify "$word"
    eval "$kind=\$(($kind + 1))"
    words=$((words + 1))
  done
  [ $words -gt 24000 ] && break
done <"$1"
echo "$both $re $sa $none $words"

i=0 sum=0
while [ $i -lt 120000 ]; do
  sum=$(((sum * 31 + i) % 1000003))
  i=$((i + 1))
  case $sum in *7) sum=$((sum + 1)) ;; esac
done
echo "$sum"

path=/usr/lib/name.with.dots.tar.gz
i=0
while [ $i -lt 16000 ]; do
  base=${path##*/} stem=${path%%.*} end=${path##*.}
  path=/${end}/lib/${base%.*}.${end}
  i=$((i + 1))
done
echo "$path ${#stem}"
