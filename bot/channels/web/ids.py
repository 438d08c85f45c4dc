"""Names that say nothing of the person: an update's id, scoped to who sent it, so that two people's ids never meet."""

from hashlib import blake2b


def update_id(key: bytes, *parts: str) -> str:
    """32 hex digits for these `parts`, in this order; without `key` nobody can find out what they were."""
    digest = blake2b(key=key[:64], digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
