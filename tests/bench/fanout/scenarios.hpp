#pragma once

/// The scenarios of fanout_bench; each prints its table.

void burst();      // lines as fast as they are taken, to 1,000 and 5,000 clients
void sustained();  // 1,000 clients at 1,000 and at 3,000 ticks a second
void quiet();      // 100 clients at 100 ticks a second: how late a tick is
void few();        // 1,000 clients that want 50 of 2,000 instruments each
void stalled();    // 100 of 1,000 that take nothing, and what they get when they wake
void memory();     // what 5,000 connections take
void storm();      // 5,000 handshakes at once
void idle();       // 5,000 clients, and lines on Redis that none of them wants
void rails();      // through Redis to /cable, beside a Rails application
