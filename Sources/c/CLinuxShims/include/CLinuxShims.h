#pragma once
// System calls that Glibc's overlay lacks, and the one function that clones. No policy.
#include "CLinuxFiles.h"
#include "CLinuxPipes.h"
#include "CLinuxLaunch.h"
#include "CLinuxMonitor.h"
