private import Glibc

/// How many processors this process may use.
package enum CPUCount {
    package static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
