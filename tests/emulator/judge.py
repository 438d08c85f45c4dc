"""The one conversation that every foreign demo bot must hold on the emulator, whatever it is built with.

The bot: /start greets with two buttons, a press edits that message, a text is echoed, a voice message is
downloaded and measured, /brief sends a file.
"""

from tests.emulator.client import Emulator

# What bots call for their own housekeeping may be refused (a poll that is taken over); the rest may not.
HOUSEKEEPING = frozenset({"getupdates"})


async def hold_conversation(emulator: Emulator) -> None:
    fatima = await emulator.resident("Fatima")
    await fatima.start("welkom")
    (greeting,) = await fatima.next_messages()
    assert (greeting.text, greeting.buttons) == ("Dag Fatima (welkom), doet u mee?", [["Ja", "Nee"]])

    await fatima.tap("Ja")
    await emulator.wait_for_calls("editMessageText")
    await emulator.wait_for_calls("answerCallbackQuery")
    edited = next(message for message in await fatima.transcript() if message.id == greeting.id)
    assert (edited.text, edited.buttons, edited.edited) == ("U koos ja", [], True)
    assert await fatima.toasts() == ["genoteerd"]

    await fatima.say("goeiemorgen \N{WAVING HAND SIGN}")
    assert await fatima.next_text() == "goeiemorgen \N{WAVING HAND SIGN}"

    await fatima.send_voice(b"x" * 321)
    assert await fatima.next_text() == "321 bytes"

    await fatima.say("/brief")
    (letter,) = await fatima.next_messages()
    assert (letter.body["document"]["file_name"], letter.body["document"]["file_size"]) == ("brief.txt", 5)

    await emulator.wait_until_delivered()
    refused = [call for call in await emulator.calls() if call["outcome"] != "ok"]
    assert [call for call in refused if call["method"].lower() not in HOUSEKEEPING] == []
