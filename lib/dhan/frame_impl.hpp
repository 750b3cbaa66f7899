#pragma once
// The body of split(); included by dhan/frame.hpp only.
