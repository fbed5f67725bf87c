/// Which package of Debian brings which library: the commonest, as Debian 12 has them.
///
/// For images whose builder's own package database can't be asked.
enum LibraryPackages {
    /// The package that has a library by its `SONAME`; nil for one that isn't listed.
    static func debian(_ soname: String) -> String? { byLibrary[soname] }

    private static let byLibrary: [String: String] = {
        var packages: [String: String] = [:]
        for row in table.split(separator: ";") {
            let words = row.split { $0 == " " || $0 == "\n" || $0 == ":" }.map(String.init)
            guard let package = words.first else { continue }
            for library in words.dropFirst() where packages[library] == nil { packages[library] = package }
        }
        return packages
    }()

    /// `package: library library; package: …`
    private static let table = """
        libacl1: libacl.so.1; libapparmor1: libapparmor.so.1; libapt-pkg6.0: libapt-pkg.so.6.0;
        libarchive13: libarchive.so.13; libargon2-1: libargon2.so.1; libasound2: libasound.so.2;
        libassuan0: libassuan.so.0; libatk-bridge2.0-0: libatk-bridge-2.0.so.0; libatk1.0-0: libatk-1.0.so.0;
        libatm1: libatm.so.1; libatomic1: libatomic.so.1; libatspi2.0-0: libatspi.so.0; libattr1: libattr.so.1;
        libaudit1: libaudit.so.1; libavcodec59: libavcodec.so.59; libavformat59: libavformat.so.59;
        libavutil57: libavutil.so.57; libblas3: libblas.so.3; libblkid1: libblkid.so.1; libbpf1: libbpf.so.1;
        libbrotli1: libbrotlicommon.so.1 libbrotlidec.so.1 libbrotlienc.so.1; libbsd0: libbsd.so.0;
        libbz2-1.0: libbz2.so.1.0; libc++1: libc++.so.1; libc++abi1: libc++abi.so.1;
        libc6: ld-linux-x86-64.so.2 libBrokenLocale.so.1 libanl.so.1 libc.so.6 libc_malloc_debug.so.0 libdl.so.2
        libm.so.6 libmvec.so.1 libnss_compat.so.2 libnss_dns.so.2 libnss_files.so.2 libnss_hesiod.so.2 libpthread.so.0
        libresolv.so.2 librt.so.1 libthread_db.so.1 libutil.so.1;
        libcairo-gobject2: libcairo-gobject.so.2; libcairo2: libcairo.so.2;
        libcap-ng0: libcap-ng.so.0 libdrop_ambient.so.0; libcap2: libcap.so.2 libpsx.so.2; libcares2: libcares.so.2;
        libcbor0.8: libcbor.so.0.8; libcom-err2: libcom_err.so.2; libcrypt1: libcrypt.so.1;
        libcryptsetup12: libcryptsetup.so.12; libcups2: libcups.so.2; libcurl3-gnutls: libcurl-gnutls.so.4;
        libcurl3-nss: libcurl-nss.so.4; libcurl4: libcurl.so.4; libdatrie1: libdatrie.so.1; libdb5.3: libdb.so.5.3;
        libdbus-1-3: libdbus-1.so.3; libdebuginfod1: libdebuginfod.so.1; libdeflate0: libdeflate.so.0;
        libdevmapper1.02.1: libdevmapper.so.1.02.1; libdw1: libdw.so.1; libedit2: libedit.so.2; libegl1: libEGL.so.1;
        libelf1: libelf.so.1; libev4: libev.so.4; libevent-2.1-7: libevent-2.1.so.7;
        libevent-core-2.1-7: libevent_core-2.1.so.7; libexpat1: libexpat.so.1 libexpatw.so.1;
        libext2fs2: libe2p.so.2 libext2fs.so.2; libfdisk1: libfdisk.so.1; libffi8: libffi.so.8;
        libfido2-1: libfido2.so.1; libfontconfig1: libfontconfig.so.1; libfontenc1: libfontenc.so.1;
        libfreetype6: libfreetype.so.6; libfribidi0: libfribidi.so.0; libfuse2: libfuse.so.2;
        libfuse3-3: libfuse3.so.3; libgail18: libgailutil.so.18; libgbm1: libgbm.so.1; libgcc-s1: libgcc_s.so.1;
        libgcrypt20: libgcrypt.so.20; libgd3: libgd.so.3; libgdal32: libgdal.so.32;
        libgdbm-compat4: libgdbm_compat.so.4; libgdbm6: libgdbm.so.6; libgdk-pixbuf-2.0-0: libgdk_pixbuf-2.0.so.0;
        libgeos-c1v5: libgeos_c.so.1; libgfortran5: libgfortran.so.5; libgif7: libgif.so.7;
        libgit2-1.5: libgit2.so.1.5; libgl1: libGL.so.1; libgmp10: libgmp.so.10; libgmpxx4ldbl: libgmpxx.so.4;
        libgnutls-dane0: libgnutls-dane.so.0; libgnutls-openssl27: libgnutls-openssl.so.27;
        libgnutls30: libgnutls.so.30; libgnutlsxx30: libgnutlsxx.so.30; libgomp1: libgomp.so.1;
        libgpg-error0: libgpg-error.so.0; libgpgme11: libgpgme.so.11; libgpm2: libgpm.so.2;
        libgraphite2-3: libgraphite2.so.3; libgrpc29: libgrpc.so.29; libgssapi-krb5-2: libgssapi_krb5.so.2;
        libgtk-3-0: libgdk-3.so.0 libgtk-3.so.0; libharfbuzz0b: libharfbuzz.so.0;
        libhdf5-103-1: libhdf5_serial.so.103; libhiredis0.14: libhiredis.so.0.14; libhogweed6: libhogweed.so.6;
        libicu72: libicudata.so.72 libicui18n.so.72 libicuio.so.72 libicutest.so.72 libicutu.so.72 libicuuc.so.72;
        libidn2-0: libidn2.so.0; libip4tc2: libip4tc.so.2; libip6tc2: libip6tc.so.2; libjansson4: libjansson.so.4;
        libjbig0: libjbig.so.0; libjemalloc2: libjemalloc.so.2; libjpeg62-turbo: libjpeg.so.62; libjq1: libjq.so.1;
        libjson-c5: libjson-c.so.5; libk5crypto3: libk5crypto.so.3; libkeyutils1: libkeyutils.so.1;
        libkmod2: libkmod.so.2; libkrb5-3: libkrb5.so.3; libkrb5support0: libkrb5support.so.0;
        libksba8: libksba.so.8; liblapack3: liblapack.so.3; liblcms2-2: liblcms2.so.2;
        libldap-2.5-0: liblber-2.5.so.0 libldap-2.5.so.0; liblerc4: libLerc.so.4; libleveldb1d: libleveldb.so.1d;
        libllvm14: libLLVM-14.so.1; libllvm15: libLLVM-15.so.1; libltdl7: libltdl.so.7; liblua5.4-0: liblua5.4.so.0;
        libluajit-5.1-2: libluajit-5.1.so.2; liblz4-1: liblz4.so.1; liblzma5: liblzma.so.5; libmagic1: libmagic.so.1;
        libmariadb3: libmariadb.so.3 libmysqlclient.so.21; libmd0: libmd.so.0; libmnl0: libmnl.so.0;
        libmodsecurity3: libmodsecurity.so.3; libmosquitto1: libmosquitto.so.1; libmount1: libmount.so.1;
        libmpc3: libmpc.so.3; libmpfr6: libmpfr.so.6; libncurses5: libncurses.so.5;
        libncurses6: libform.so.6 libmenu.so.6 libncurses.so.6 libpanel.so.6;
        libncursesw6: libformw.so.6 libmenuw.so.6 libncursesw.so.6 libpanelw.so.6; libnetcdf19: libnetcdf.so.19;
        libnetfilter-conntrack3: libnetfilter_conntrack.so.3; libnettle8: libnettle.so.8;
        libnfnetlink0: libnfnetlink.so.0; libnftables1: libnftables.so.1; libnftnl11: libnftnl.so.11;
        libnghttp2-14: libnghttp2.so.14; libnpth0: libnpth.so.0; libnsl2: libnsl.so.2;
        libnspr4: libnspr4.so libplc4.so libplds4.so; libnss-systemd: libnss_systemd.so.2;
        libnss3: libnss3.so libnssutil3.so libsmime3.so; libnuma1: libnuma.so.1; libodbc2: libodbc.so.2;
        libonig5: libonig.so.5; libopenblas0-pthread: libopenblas.so.0;
        libopencsd1: libopencsd.so.1 libopencsd_c_api.so.1; libp11-kit0: libp11-kit.so.0;
        libpam0g: libpam.so.0 libpam_misc.so.0 libpamc.so.0; libpango-1.0-0: libpango-1.0.so.0;
        libpangocairo-1.0-0: libpangocairo-1.0.so.0; libpangoft2-1.0-0: libpangoft2-1.0.so.0;
        libpcap0.8: libpcap.so.0.8; libpciaccess0: libpciaccess.so.0; libpcre2-8-0: libpcre2-8.so.0;
        libpcre3: libpcre.so.3; libpcsclite1: libpcsclite.so.1; libperl5.36: libperl.so.5.36; libpfm4: libpfm.so.4;
        libpipeline1: libpipeline.so.1; libpixman-1-0: libpixman-1.so.0; libpkgconf3: libpkgconf.so.3;
        libpng16-16: libpng16.so.16; libpq5: libpq.so.5; libproc2-0: libproc2.so.0; libproj25: libproj.so.25;
        libprotobuf32: libprotobuf.so.32; libpsl5: libpsl.so.5; libpython3.11: libpython3.11.so.1.0;
        libpython3.13: libpython3.13.so.1.0; libquadmath0: libquadmath.so.0; librdkafka1: librdkafka.so.1;
        libreadline8: libhistory.so.8 libreadline.so.8; librocksdb7.8: librocksdb.so.7.8; librsvg2-2: librsvg-2.so.2;
        librtmp1: librtmp.so.1; libruby3.1: libruby-3.1.so.3.1; libsasl2-2: libsasl2.so.2;
        libseccomp2: libseccomp.so.2; libselinux1: libselinux.so.1; libsemanage2: libsemanage.so.2;
        libsensors5: libsensors.so.5; libsepol2: libsepol.so.2; libslang2: libslang.so.2;
        libsmartcols1: libsmartcols.so.1; libsnappy1v5: libsnappy.so.1; libsodium23: libsodium.so.23;
        libsource-highlight4v5: libsource-highlight.so.4; libsqlite3-0: libsqlite3.so.0; libss2: libss.so.2;
        libssh-4: libssh.so.4; libssh2-1: libssh2.so.1; libssl1.1: libcrypto.so.1.1 libssl.so.1.1;
        libssl3: libcrypto.so.3 libssl.so.3; libstdc++6: libstdc++.so.6; libstemmer0d: libstemmer.so.0d;
        libswscale6: libswscale.so.6; libsystemd0: libsystemd.so.0; libtasn1-6: libtasn1.so.6;
        libtcl8.6: libtcl8.6.so; libtcmalloc-minimal4: libtcmalloc_minimal.so.4; libthai0: libthai.so.0;
        libtiff6: libtiff.so.6; libtinfo5: libtinfo.so.5; libtinfo6: libtic.so.6 libtinfo.so.6;
        libtirpc3: libtirpc.so.3; libuchardet0: libuchardet.so.0; libudev1: libudev.so.1;
        libunbound8: libunbound.so.8; libunistring2: libunistring.so.2;
        libunwind8: libunwind-coredump.so.0 libunwind-ptrace.so.0 libunwind-x86_64.so.8 libunwind.so.8;
        libusb-1.0-0: libusb-1.0.so.0; libutempter0: libutempter.so.0; libuuid1: libuuid.so.1; libuv1: libuv.so.1;
        libvips42: libvips.so.42; libwayland-client0: libwayland-client.so.0;
        libwayland-server0: libwayland-server.so.0; libwebp7: libwebp.so.7; libx11-6: libX11.so.6;
        libxau6: libXau.so.6; libxcb1: libxcb.so.1; libxdmcp6: libXdmcp.so.6; libxext6: libXext.so.6;
        libxi6: libXi.so.6; libxkbcommon-x11-0: libxkbcommon-x11.so.0; libxkbcommon0: libxkbcommon.so.0;
        libxkbfile1: libxkbfile.so.1; libxml2: libxml2.so.2; libxmlb2: libxmlb.so.2; libxmlsec1: libxmlsec1.so.1;
        libxmlsec1-gcrypt: libxmlsec1-gcrypt.so.1; libxmlsec1-gnutls: libxmlsec1-gnutls.so.1;
        libxmlsec1-nss: libxmlsec1-nss.so.1; libxmlsec1-openssl: libxmlsec1-openssl.so.1; libxrandr2: libXrandr.so.2;
        libxrender1: libXrender.so.1; libxshmfence1: libxshmfence.so.1; libxslt1.1: libexslt.so.0 libxslt.so.1;
        libxtables12: libxtables.so.12; libxxhash0: libxxhash.so.0; libyajl2: libyajl.so.2;
        libyaml-0-2: libyaml-0.so.2; libz3-4: libz3.so.4; libzip4: libzip.so.4; libzmq5: libzmq.so.5;
        libzstd1: libzstd.so.1; zlib1g: libz.so.1
        """
}
