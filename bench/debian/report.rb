# Reads a text, counts its words, walks objects and blocks: hashes, symbols, strings, exceptions.
Shape = Struct.new(:kind, :size) do
  def area
    case kind
    when :square then size * size
    when :circle then (size * size * 355) / 113
    else raise ArgumentError, kind.to_s
    end
  end
end

counts = Hash.new(0)
File.foreach(ARGV[0]) { |line| line.split.each { |word| counts[word] += 1 } }
counts.sort_by { |word, count| [-count, word] }.first(5).each { |word, count| puts "#{word} #{count}" }
puts counts.keys.group_by { |word| word[0, 2].to_sym }.map { |start, words| [words.size, start] }.max.inspect

failures = 0
areas = (1..200_000).map do |i|
  Shape.new(%i[square circle triangle][i % 3], i % 100).area
rescue ArgumentError
  failures += 1
  0
end
puts areas.sum, failures

def fibonacci(n) = n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
puts fibonacci(29)

text = counts.keys.join(' ')
puts text.gsub(/[aeiou]/) { |vowel| vowel.upcase }.scan(/[A-Z][a-z]+[A-Z]/).size
puts (1..400).inject(:*).to_s.chars.map(&:to_i).sum
