{"jsonrpc": "2.0", "id": 31, "method": "post.move", "params": {"posts": ["africa-12", "africa-13"], "title": "Apart", "cid": "c1"}}
