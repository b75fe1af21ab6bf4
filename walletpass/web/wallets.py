"""Which wallet the phone in the hand has, and whether this browser can reach it."""

import re

from flask import request

IPHONE = re.compile(r"iPhone|iPad|iPod")
ANDROID = re.compile(r"Android")
# Browsers inside other apps cannot hand a pass to the wallet.
IN_APP = re.compile(r"Instagram|FBAN|FBAV|FB_IAB|Line/|MicroMessenger|TikTok|musical_ly|Snapchat|Twitter|WhatsApp")


def first() -> str:
    """``apple``, ``google``, or ``both`` where it is no phone that we know."""
    user_agent = request.user_agent.string
    if IPHONE.search(user_agent):
        return "apple"
    return "google" if ANDROID.search(user_agent) else "both"


def in_app() -> bool:
    return bool(IN_APP.search(request.user_agent.string))
