"""Which examples make up each batch of a training: `ExampleOrder` again, so that peers train on the same ones."""

MASK = (1 << 64) - 1
ORDER = 2  # RandomGenerator.Purpose.order


class SplitMix64:
    """Steele et al., OOPSLA 2014, figure 17."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


class RandomGenerator:
    """xoshiro256**: Blackman and Vigna, ACM TOMS 47(4), 2021."""

    def __init__(self, seed, purpose, part):
        seeds = SplitMix64(seed)
        for word in (purpose, part):
            seeds = SplitMix64(seeds.next() ^ word)
        self.state = [seeds.next() for _ in range(4)]

    def next(self):
        s = self.state
        result = _rotated(s[1] * 5 & MASK, 7) * 9 & MASK
        shifted = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = _rotated(s[3], 45)
        return result

    def integer(self, bound):
        """Lemire, ACM TOMACS 29(1), 2019."""
        product = self.next() * bound
        if product & MASK < bound:
            rejected = (1 << 64) % bound
            while product & MASK < rejected:
                product = self.next() * bound
        return product >> 64


def _rotated(word, bits):
    return (word << bits | word >> (64 - bits)) & MASK


def batches(count, size, seed, steps):
    """The indices of each step's examples; what doesn't fill a batch at an epoch's end is left out of it."""
    found = []
    epoch = 0
    while len(found) < steps:
        random = RandomGenerator(seed, ORDER, epoch)
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = random.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        found += [order[start : start + size] for start in range(0, count - size + 1, size)]
        epoch += 1
    return found[:steps]
