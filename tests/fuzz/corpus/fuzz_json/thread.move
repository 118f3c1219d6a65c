{"jsonrpc": "2.0", "id": 30, "method": "thread.move", "params": {"thread": "africa-12", "room": "africa-3", "cid": "c1"}}
