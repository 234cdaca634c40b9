"""Checks that bellm and huggingface_hub find what the other downloaded, against a hub of this machine.

    check_hub.py BELLM

BELLM is the built program. The hub is a small server here that answers as huggingface.co does: large files have an
X-Linked-Etag and are redirected to another host, small ones are sent by the hub itself under git's name of them.
"""

import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMITS = {"main": "1" * 39 + "a", "v1.0": "2" * 39 + "b"}
TOKEN = "hf_local"


def safetensors(name, count):
    header = json.dumps({name: {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * count)


SHARDS = {f"model-0000{i}-of-00002.safetensors": safetensors(f"w{i}", 50_000 * i) for i in (1, 2)}
INDEX = {"metadata": {}, "weight_map": {f"w{i}": f"model-0000{i}-of-00002.safetensors" for i in (1, 2)}}
LARGE = {"model.safetensors", "0_Transformer/model.safetensors", "adapter_model.safetensors", "pytorch_model.bin", *SHARDS}
REPOSITORIES = {
    "org/sharded": {
        "config.json": b'{"model_type": "llama"}', "tokenizer.json": b"{}", "README.md": b"# A model\n",
        "model.safetensors.index.json": json.dumps(INDEX).encode(), "pytorch_model.bin": b"pickle" * 1000, **SHARDS},
    "org/sentence": {
        "config.json": b"{}", "modules.json": b'[{"path": ""}, {"path": "1_Pooling"}]',
        "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
        "vocab.txt": b"[PAD]\n", "model.safetensors": safetensors("w", 10_000)},
    "org/apart": {
        "modules.json": b'[{"path": "0_Transformer"}, {"path": "1_Pooling"}]', "config_sentence_transformers.json": b"{}",
        "0_Transformer/config.json": b"{}", "0_Transformer/sentence_bert_config.json": b'{"max_seq_length": 10}',
        "0_Transformer/tokenizer.json": b"{}", "0_Transformer/tokenizer_config.json": b"{}",
        "0_Transformer/model.safetensors": safetensors("w", 5000), "1_Pooling/config.json": b"{}"},
    "org/adapter": {"adapter_config.json": b"{}", "adapter_model.safetensors": safetensors("lora", 1000)},
}


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    content_host = None
    leaked = []

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.split("?")[0].strip("/").split("/")
        if path[0] == "api" and path[1] == "models":
            return self.api("/".join(path[2:4]), path[4:])
        if path[0] == "content":
            return self.content(path[1])
        if "resolve" in path:
            return self.resolve("/".join(path[:2]), path[3], "/".join(path[4:]))
        self.answer(404, X_Error_Code="RepoNotFound")

    def api(self, name, rest):
        files = REPOSITORIES.get(name)
        if files is None:
            return self.answer(404, X_Error_Code="RepoNotFound")
        commit = COMMITS.get(rest[1], rest[1])
        if commit not in COMMITS.values():
            return self.answer(404, X_Error_Code="RevisionNotFound")
        if rest[0] == "tree":
            tree = []
            for file, content in files.items():
                entry = {"type": "file", "path": file, "size": len(content), "oid": git_blob(content)}
                if file in LARGE:
                    entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
                tree.append(entry)
            return self.answer(200, json.dumps(tree).encode(), Content_Type="application/json")
        info = {"_id": "0", "id": name, "modelId": name, "sha": commit, "private": False, "tags": [], "downloads": 0,
                "likes": 0, "siblings": [{"rfilename": file} for file in files]}
        self.answer(200, json.dumps(info).encode(), Content_Type="application/json")

    def resolve(self, name, revision, file):
        content = REPOSITORIES.get(name, {}).get(file)
        if content is None:
            return self.answer(404, X_Error_Code="EntryNotFound")
        commit = COMMITS.get(revision, revision)
        if file in LARGE:
            digest = hashlib.sha256(content).hexdigest()
            return self.answer(
                302, X_Repo_Commit=commit, X_Linked_Etag=f'"{digest}"', X_Linked_Size=str(len(content)),
                ETag='"of the redirect"', Location=f"{Hub.content_host}/content/{digest}?signature=a%2Fb")
        self.send_ranged(content, X_Repo_Commit=commit, ETag=f'W/"{git_blob(content)}"')

    def content(self, digest):
        if self.headers.get("Authorization"):
            Hub.leaked.append(self.path)
        for files in REPOSITORIES.values():
            for content in files.values():
                if hashlib.sha256(content).hexdigest() == digest:
                    return self.send_ranged(content, ETag='"something of the content network"')
        self.answer(404)

    def send_ranged(self, content, **headers):
        wanted = self.headers.get("Range")
        if not wanted:
            return self.answer(200, content, **headers)
        start = int(wanted.removeprefix("bytes=").split("-")[0])
        size = len(content)
        self.answer(206, content[start:], Content_Range=f"bytes {start}-{size - 1}/{size}", **headers)


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def bellm(program, arguments, home, endpoint, **variables):
    environment = {**os.environ, "HF_HOME": home, "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN, **variables}
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        environment.pop(name, None)
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bellm {' '.join(arguments)} failed: {done.stderr}")
    return done.stdout.strip()


def tree(home, name):
    """Every file of a repository's cache: links by where they point, others by their content."""
    root = os.path.join(home, "hub", "models--" + name.replace("/", "--"))
    found = {}
    for folder, _, files in os.walk(root):
        for file in files:
            path = os.path.join(folder, file)
            key = os.path.relpath(path, root)
            # What each notes of files that are not there, in its own way.
            if key.startswith(("trees/", ".no_exist/")):
                continue
            found[key] = os.readlink(path) if os.path.islink(path) else open(path, "rb").read()
    return found


def check_same_layout(program, endpoint):
    from huggingface_hub import snapshot_download
    wanted = {
        "org/sharded": (["model"], ["*.json", "model*.safetensors"]),
        "org/sentence": (["model"], None), "org/apart": (["model"], None), "org/adapter": (["adapter"], None)}
    for name, (verb, patterns) in wanted.items():
        with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
            folder = bellm(program, ["fetch", *verb, name], ours, endpoint)
            other = snapshot_download(name, allow_patterns=patterns, cache_dir=theirs + "/hub", endpoint=endpoint, token=TOKEN)
            assert os.path.relpath(folder, ours) == os.path.relpath(other, theirs), (folder, other)
            assert tree(ours, name) == tree(theirs, name), (tree(ours, name).keys(), tree(theirs, name).keys())
        print(f"{name}: the same blobs, links and refs as huggingface_hub writes")


def check_found_by_huggingface_hub(program, endpoint, home):
    """In this process HF_HOME and HF_HUB_OFFLINE were set before the import."""
    from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
    folder = bellm(program, ["fetch", "model", "org/sharded"], home, endpoint)
    bellm(program, ["fetch", "model", "org/sentence@v1.0"], home, endpoint)
    cache = home + "/hub"
    for file in ["config.json", *SHARDS]:
        path = try_to_load_from_cache("org/sharded", file, cache_dir=cache)
        assert path == f"{folder}/{file}", path
        assert open(path, "rb").read() == REPOSITORIES["org/sharded"][file]
        assert hf_hub_download("org/sharded", file, cache_dir=cache, local_files_only=True) == path
    assert try_to_load_from_cache("org/sharded", "pytorch_model.bin", cache_dir=cache) is None
    pooling = hf_hub_download(
        "org/sentence", "1_Pooling/config.json", revision="v1.0", cache_dir=cache, local_files_only=True)
    assert COMMITS["v1.0"] in pooling, pooling
    assert not scan_cache_dir(cache).warnings, scan_cache_dir(cache).warnings
    assert len(scan_cache_dir(cache).repos) == 2
    print("huggingface_hub finds what bellm downloaded")


def check_found_by_bellm(program, endpoint, home):
    from huggingface_hub import snapshot_download
    theirs = snapshot_download("org/sharded", cache_dir=home + "/hub", endpoint=endpoint, token=TOKEN)
    ours = bellm(program, ["fetch", "model", "org/sharded"], home, "http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    assert os.path.realpath(ours) == os.path.realpath(theirs), (ours, theirs)
    ours = bellm(program, ["fetch", "model", "org/sharded"], home, endpoint)
    assert os.path.realpath(ours) == os.path.realpath(theirs), (ours, theirs)
    print("bellm finds what huggingface_hub downloaded, offline too")


def check_completed_by_bellm(program, endpoint, home):
    """What transformers' AutoModel and AutoTokenizer leave of a folder of sentence-transformers is not all of it."""
    from huggingface_hub import hf_hub_download
    for file in ["config.json", "model.safetensors", "vocab.txt"]:
        hf_hub_download("org/sentence", file, cache_dir=home + "/hub", endpoint=endpoint, token=TOKEN)
    environment = {**os.environ, "HF_HOME": home, "HF_HUB_OFFLINE": "1"}
    offline = subprocess.run([program, "fetch", "model", "org/sentence"], env=environment, capture_output=True, text=True)
    assert offline.returncode != 0 and "modules.json" in offline.stderr, offline
    folder = bellm(program, ["fetch", "model", "org/sentence"], home, endpoint)
    for file, content in REPOSITORIES["org/sentence"].items():
        assert open(f"{folder}/{file}", "rb").read() == content, file
    assert bellm(program, ["fetch", "model", "org/sentence"], home, endpoint, HF_HUB_OFFLINE="1") == folder
    print("bellm completes what huggingface_hub downloaded a part of, and offline it stops")


def main():
    program = os.path.abspath(sys.argv[1])
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    endpoint, Hub.content_host = serve(), serve()
    check_same_layout(program, endpoint)
    with tempfile.TemporaryDirectory() as home:
        check_found_by_huggingface_hub(program, endpoint, home)
    with tempfile.TemporaryDirectory() as home:
        check_found_by_bellm(program, endpoint, home)
    with tempfile.TemporaryDirectory() as home:
        check_completed_by_bellm(program, endpoint, home)
    assert not Hub.leaked, f"the token went to the content network: {Hub.leaked}"


if __name__ == "__main__":
    main()
