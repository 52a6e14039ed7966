# Reads a text, counts and rewrites its words with regular expressions, sorts them: hashes, strings, closures.
use strict;
use warnings;

my (%count, %starts, $rewritten);
open my $file, '<', $ARGV[0] or die;
while (my $line = <$file>) {
    chomp $line;
    $count{$_}++ for split / +/, $line;
    push @{ $starts{ substr $line, 0, 2 } }, length $line;
    (my $copy = $line) =~ s/\b([a-z]+)(re|sa|mi)([a-z]*)\b/\u$1-$2\U$3\E/g;
    $rewritten += ($copy =~ tr/A-Z//);
    $rewritten++ while $line =~ /([aeiou])[^aeiou ]+\1/g;
}
close $file;

my @words = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
printf "%-10s %6d\n", $_, $count{$_} for @words[0 .. 4];
printf "%d words, %d starts, %d rewritten\n", scalar @words, scalar keys %starts, $rewritten;

sub adder { my $total = 0; return sub { $total += $_[0] * ($total % 3 + 1); $total %= 1_000_003 } }
my @adders = map { adder() } 1 .. 8;
my $sum = 0;
for my $i (1 .. 700_000) { $sum += $adders[$i % 8]->($i) }
print "$sum\n";

my $packed = join '', map { pack 'nC', $_ % 65_536, $_ % 251 } 1 .. 40_000;
my $check = 0;
while ($packed =~ /(...)/sg) { my ($n, $c) = unpack 'nC', $1; $check = ($check * 31 + $n + $c) % 1_000_003 }
print "$check\n";
