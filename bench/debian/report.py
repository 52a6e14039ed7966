"""Reads a text, counts its words, parses expressions, keeps accounts in objects: dictionaries, strings, classes, exceptions."""
import collections
import heapq
import json
import re
import sys


class Account:
    def __init__(self, name):
        self.name = name
        self.balance = 0
        self.history = []

    def add(self, amount):
        if self.balance + amount < -1000:
            raise ValueError(f'{self.name} has {self.balance} only')
        self.balance += amount
        self.history.append(amount)


def parse(tokens, at=0):
    """Sums of products with parentheses. Returns the value and the place behind it."""
    total, product, sign = 0, None, 1
    while at < len(tokens):
        token = tokens[at]
        if token == '(':
            value, at = parse(tokens, at + 1)
        elif token == ')':
            break
        elif token in '+-':
            total += sign * (product or 0)
            product, sign = None, 1 if token == '+' else -1
            at += 1
            continue
        elif token == '*':
            at += 1
            continue
        else:
            value = int(token)
        product = value if product is None else product * value % 1000003
        at += 1
    return total + sign * (product or 0), at


def main():
    with open(sys.argv[1], encoding='ascii') as file:
        lines = file.read().split('\n')
    words = collections.Counter(word for line in lines for word in re.findall(r'[a-z]+', line))
    for word, count in heapq.nsmallest(5, words.items(), key=lambda item: (-item[1], item[0])):
        print(word, count)

    accounts, refused = {}, 0
    for i, line in enumerate(lines):
        for word in line.split(' '):
            account = accounts.setdefault(word[:3], Account(word[:3]))
            try:
                account.add((len(line) * 7 + i) % 61 - 31)
            except ValueError:
                refused += 1
    print(len(accounts), sum(len(account.history) for account in accounts.values()), refused)

    source = '3*(4+5)-(2*(7-1)+8)*(1+2)'
    tokens = re.findall(r'\d+|[-+*()]', source)
    print(sum(parse(tokens)[0] for _ in range(60000)))

    tree = {word: {'count': count, 'letters': sorted(set(word))} for word, count in words.items()}
    text = json.dumps(tree, sort_keys=True)
    again = json.loads(text)
    print(len(text), max(again, key=lambda word: (again[word]['count'] * len(word), word)))


main()
