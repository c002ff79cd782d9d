"""A client of kernels hears every answer, also one that comes while it is sending."""

import asyncio
import select
from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
import zmq
import zmq.asyncio
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.session import Session

from course_utils.authoring import ThisInterpreter
from course_utils.authoring.kernel_client import ASK_AGAIN, PatientChannel

PATIENCE = 60  # s


def run(coroutine):
    """Run a coroutine in a thread of its own: the browser tests keep a loop in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def use_up_the_announcement(socket):
    """Do to a socket what a send does while a message arrives: its descriptor is silent afterwards."""
    plain = zmq.Socket.shadow(socket.underlying)
    while not plain.get(zmq.EVENTS) & zmq.POLLIN or select.select([plain.get(zmq.FD)], [], [], 0.05)[0]:
        pass


def answer_unannounced(channel_class, wait):
    """Let a kernel's answer arrive while the waiting channel's socket is in use; return what is received."""

    async def exchange():
        context = zmq.asyncio.Context()
        session = Session(key=b"")
        asking, answering = context.socket(zmq.PAIR), zmq.Context.instance().socket(zmq.PAIR)
        with context, asking, answering:
            asking.connect(f"tcp://127.0.0.1:{answering.bind_to_random_port('tcp://127.0.0.1')}")
            channel = channel_class(asking, session)
            session.send(answering, "status", {"execution_state": "starting"})
            await channel.get_msg(PATIENCE)
            waiting = asyncio.ensure_future(channel.get_msg())
            await asyncio.sleep(0.1)  # it waits by now
            session.send(answering, "execute_reply", {"status": "ok"})
            channel.send(session.msg("comm_msg"))
            use_up_the_announcement(asking)
            try:
                return (await asyncio.wait_for(waiting, wait))["msg_type"]
            except TimeoutError:
                return None

    return run(exchange())


def test_an_answer_that_comes_during_a_send_is_heard():
    assert answer_unannounced(PatientChannel, PATIENCE) == "execute_reply"


def test_the_channel_it_stands_for_would_wait_for_ever():
    # Where this fails, jupyter_client or pyzmq has mended it, and the channel of our own can go.
    assert answer_unannounced(AsyncZMQSocketChannel, 2 * ASK_AGAIN) is None


def test_silence_ends_after_the_time_given():
    async def listen():
        context = zmq.asyncio.Context()
        with context, context.socket(zmq.PAIR) as socket:
            socket.bind("inproc://silence")
            await PatientChannel(socket, Session(key=b"")).get_msg(0.01)

    with pytest.raises(Empty):
        run(listen())


def test_the_course_s_kernels_are_asked_by_it():
    assert issubclass(ThisInterpreter().client_factory.shell_channel_class.klass, PatientChannel)
