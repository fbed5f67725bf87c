#pragma once
// A pipe whose ends programs don't inherit.
int linux_pipe(int ends[2]);
